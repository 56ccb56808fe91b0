import { join } from 'node:path';
import { createApiKeys, type ApiKeys } from '../auth/api-keys.ts';
import { AuthFailures } from '../auth/failures.ts';
import { readOrMakeKey } from '../auth/key-file.ts';
import { newApiKey } from '../auth/new-key.ts';
import { OpenDoors } from '../auth/open-doors.ts';
import { createViewerTokens } from '../auth/viewer-tokens.ts';
import { Viewers } from '../auth/viewers.ts';
import type { Config } from '../config.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { OPEN_STATUSES } from '../sessions/transitions.ts';
import type { Store } from '../store/store.ts';
import { watchKeys } from './keys.ts';

/** Who is let in, and what is open in whose name. */
export interface Entrance {
  startUpKey: string;
  keys: ApiKeys;
  viewers: Viewers;
  doors: OpenDoors;
  failures: AuthFailures;
}

export async function createEntrance(config: Config, store: Store, sessions: Pick<Sessions, 'revoke'>): Promise<Entrance> {
  const startUpKey = newApiKey();
  const doors = new OpenDoors();
  const viewers = new Viewers({
    table: store.viewers,
    later: store.later,
    tokens: createViewerTokens(await readOrMakeKey(join(config.dataDir, 'viewer.key')), config.timeoutMs.viewerToken),
    doors,
    onRevoked: (sessionId, peerId) => sessions.revoke(sessionId, peerId),
  });
  const failures = new AuthFailures(config.authFailuresPerMinute);
  return { startUpKey, keys: createApiKeys(store.keys, startUpKey), viewers, doors, failures };
}

/** Begins when sessions were taken up: who was revoked, their guests may not have heard from the controller before. Gives its end. */
export function watchEntrance({ keys, viewers, doors }: Entrance, store: Store): () => void {
  for (const id of store.sessions.list(OPEN_STATUSES)) viewers.remind(id);
  return watchKeys(keys, doors);
}
