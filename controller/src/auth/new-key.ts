import { newSecret } from '../sessions/ids.ts';

/** By which a scanner of repositories and logs knows an API key. */
export const KEY_PREFIX = 'oriel_key_';

/** A key with 256 random bits. */
export function newApiKey(): string {
  return `${KEY_PREFIX}${newSecret()}`;
}
