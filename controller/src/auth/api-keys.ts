import type { KeyTable, StoredKey } from '../store/keys.ts';
import { isStoreError } from '../store/errors.ts';
import { SCOPES } from './access.ts';
import { isHashOf, toHash } from './hash.ts';

/** Who has a key, and what it may do. */
export interface KeyHolder {
  id: string;
  name: string;
  owner: string;
  scopes: ReadonlySet<string>;
}

export interface ApiKeys {
  /** Whose key it is, or undefined when it is none of ours, or is over. */
  verify(key: string): KeyHolder | undefined;
  /** Whether a key that was verified is good still. */
  isGood(id: string): boolean;
}

/** Of what this host starts for itself: `up`, the home page, an operator with the start-up key. */
export const LOCAL_OWNER = 'local';
const START_UP: KeyHolder = { id: 'start-up', name: 'start-up', owner: LOCAL_OWNER, scopes: new Set(SCOPES) };
/** So often at most it is written down that a key was used. */
const USED_EVERY_MS = 60_000;

/**
 * The keys in the store, and the start-up key, which lives as long as this process. Only hashes are kept. The store is asked each time,
 * 15 µs, rather than a cache: a key that was revoked in another process is no key at the next request.
 */
export function createApiKeys(table: Pick<KeyTable, 'find' | 'isGood' | 'used'>, startUpKey: string): ApiKeys {
  const startUpHash = toHash(startUpKey);
  const usedAt = new Map<string, number>();
  return {
    verify(key) {
      if (isHashOf(startUpHash, key)) return START_UP;
      const now = Date.now();
      const found = table.find(toHash(key), new Date(now).toISOString());
      if (found) noteUse(found, now);
      return found && { ...found, scopes: new Set(found.scopes) };
    },
    isGood: (id) => id === START_UP.id || table.isGood(id, new Date().toISOString()),
  };

  function noteUse({ id }: StoredKey, now: number): void {
    if (now - (usedAt.get(id) ?? -Infinity) < USED_EVERY_MS) return;
    usedAt.set(id, now);
    try {
      table.used(id, new Date(now).toISOString());
    } catch (error) {
      // A key opens a door also where that cannot be written down.
      if (!isStoreError(error)) throw error;
    }
  }
}
