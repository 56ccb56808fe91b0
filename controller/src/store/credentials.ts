import type { Enveloped } from '../auth/envelope.ts';
import type { Sql } from './sql.ts';

export interface StoredCredentials extends Enveloped {
  sessionId: string;
  userId: string;
  provider: string;
  /** ISO 8601. */
  storedAt: string;
  expiresAt: string;
  reads: number;
}

/** Whose credentials: an owner's, of one of its users. */
export interface Whose {
  owner: string;
  userId: string;
  provider: string;
}

/** What signing in gave, sealed. Of a session there is at most one row; it goes with the session. */
export interface CredentialTable {
  /** It survives loss of power once this returns. False, and nothing changed, when the session has some already. */
  insert(row: Omit<StoredCredentials, 'reads'>): boolean;
  /** Not what has expired at `now`. */
  find(sessionId: string, now: string): StoredCredentials | undefined;
  /** The newest of this user, of a provider. One owner's user is not another's who has the same name. */
  newest(whose: Whose, now: string): StoredCredentials | undefined;
  /** Counts a reading. With `isLast` they go with it; false when another was first. */
  countRead(sessionId: string, isLast: boolean): boolean;
  /** Those that another master key than this one seals, some at a time. */
  sealedOtherwise(keyId: string, limit: number): StoredCredentials[];
  rewrap(sessionId: string, wrapped: Pick<Enveloped, 'keyId' | 'dataKey'>): void;
}

const COLUMNS = `session_id as "sessionId", user_id as "userId", provider, key_id as "keyId", data_key as "dataKey", sealed,
  stored_at as "storedAt", expires_at as "expiresAt", reads`;
const INSERT = `insert into credentials (session_id, user_id, provider, key_id, data_key, sealed, stored_at, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (session_id) do nothing`;
const FIND = `select ${COLUMNS} from credentials where session_id = $1 and expires_at > $2`;
const NEWEST = `select ${COLUMNS} from credentials where user_id = $1 and provider = $2 and expires_at > $3
  and session_id in (select id from sessions where owner = $4) order by stored_at desc limit 1`;
const OTHERS = `select ${COLUMNS} from credentials where key_id <> $1 order by session_id limit $2`;

export function createCredentialTable(sql: Sql): CredentialTable {
  return {
    insert: (c) =>
      sql.durably(() => sql.run(INSERT, c.sessionId, c.userId, c.provider, c.keyId, c.dataKey, c.sealed, c.storedAt, c.expiresAt)) > 0,
    find: (id, now) => sql.one<StoredCredentials>(FIND, id, now),
    newest: ({ owner, userId, provider }, now) => sql.one<StoredCredentials>(NEWEST, userId, provider, now, owner),
    countRead: (id, isLast) =>
      sql.durably(() =>
        sql.run(
          isLast ? 'delete from credentials where session_id = $1' : 'update credentials set reads = reads + 1 where session_id = $1',
          id,
        ),
      ) > 0,
    sealedOtherwise: (keyId, limit) => sql.all<StoredCredentials>(OTHERS, keyId, limit),
    rewrap: (id, { keyId, dataKey }) =>
      void sql.run('update credentials set key_id = $2, data_key = $3 where session_id = $1', id, keyId, dataKey),
  };
}
