import { createHmac } from 'node:crypto';

export interface TurnCredential {
  username: string;
  credential: string;
}

/**
 * What a TURN server with the same secret takes until `expiresAt` (s since 1970): a name that says till when and whose it is, and
 * HMAC-SHA1 of that name (draft-uberti-behave-turn-rest-00; coturn's `use-auth-secret`). The server counts its quota by `who`.
 */
export function toTurnCredential(secret: string, who: string, expiresAt: number): TurnCredential {
  const username = `${expiresAt}:${who}`;
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}
