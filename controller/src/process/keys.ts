import type { ApiKeys } from '../auth/api-keys.ts';
import type { OpenDoors } from '../auth/open-doors.ts';
import { isStoreError } from '../store/errors.ts';

const LOOK_EVERY_MS = 1_000;

/** Closes what is open with a key that was revoked, as another process does it, or has expired. Gives its end. */
export function watchKeys(keys: Pick<ApiKeys, 'isGood'>, doors: OpenDoors, everyMs = LOOK_EVERY_MS): () => void {
  const look = () => {
    for (const holder of doors.holders) {
      const id = /^key:(.+)$/.exec(holder)?.[1];
      if (id !== undefined && !isGood(keys, id)) doors.close(holder);
    }
  };
  const timer = setInterval(look, everyMs).unref();
  return () => clearInterval(timer);
}

/** A database that cannot be read now says nothing about a key. */
function isGood(keys: Pick<ApiKeys, 'isGood'>, id: string): boolean {
  try {
    return keys.isGood(id);
  } catch (error) {
    if (!isStoreError(error)) throw error;
    return true;
  }
}
