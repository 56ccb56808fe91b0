import type { Sql } from './sql.ts';

export interface StoredKey {
  id: string;
  name: string;
  /** Whose the sessions are that it starts. */
  owner: string;
  scopes: readonly string[];
  /** ISO 8601; missing when it never ends. */
  expiresAt?: string | undefined;
}

/** What an operator is shown of a key. Times: ISO 8601. */
export interface KeyRecord extends StoredKey {
  createdAt: string;
  /** At most a minute old; missing when it was never used. */
  usedAt?: string | undefined;
  revokedAt?: string | undefined;
}

export interface KeyTable {
  /** `hash`: sha256 of the key, hex. It survives loss of power once this returns: the key is shown once. */
  insert(key: StoredKey & { hash: string }, at: string): void;
  /** The key with this hash, unless it has expired at `now` or was revoked. */
  find(hash: string, now: string): StoredKey | undefined;
  /** Whether the key is neither expired nor revoked. */
  isGood(id: string, now: string): boolean;
  used(id: string, at: string): void;
  /** All there ever were, the oldest first. */
  list(): KeyRecord[];
  /** None of these is good any more. */
  revoke(ids: readonly string[], at: string): void;
  /** Ends at `at` at the latest. */
  expire(id: string, at: string): void;
}

interface Row {
  id: string;
  name: string;
  owner: string;
  scopes: string;
  expires_at: string | null;
  created_at: string;
  used_at: string | null;
  revoked_at: string | null;
}

const COLUMNS = 'id, name, owner, scopes, expires_at, created_at, used_at, revoked_at';
const IS_GOOD = 'revoked_at is null and (expires_at is null or expires_at > $2)';
const INSERT = 'insert into api_keys (id, name, hash, created_at, expires_at, owner, scopes) values ($1, $2, $3, $4, $5, $6, $7)';

export function createKeyTable(sql: Sql): KeyTable {
  return {
    insert: ({ id, name, hash, expiresAt, owner, scopes }, at) =>
      void sql.durably(() => sql.run(INSERT, id, name, hash, at, expiresAt ?? null, owner, scopes.join(','))),
    find(hash, now) {
      const row = sql.one<Row>(`select ${COLUMNS} from api_keys where hash = $1 and ${IS_GOOD}`, hash, now);
      return row && toKey(row);
    },
    isGood: (id, now) => sql.one(`select id from api_keys where id = $1 and ${IS_GOOD}`, id, now) !== undefined,
    used: (id, at) => void sql.run('update api_keys set used_at = $2 where id = $1', id, at),
    list: () => sql.all<Row>(`select ${COLUMNS} from api_keys order by created_at, id`).map(toRecord),
    revoke: (ids, at) =>
      sql.durably(() =>
        sql.atomically(() => {
          for (const id of ids) sql.run('update api_keys set revoked_at = $2 where id = $1 and revoked_at is null', id, at);
        }),
      ),
    expire: (id, at) =>
      void sql.durably(() =>
        sql.run('update api_keys set expires_at = $2 where id = $1 and (expires_at is null or expires_at > $2)', id, at),
      ),
  };
}

function toKey({ id, name, owner, scopes, expires_at }: Row): StoredKey {
  return { id, name, owner, scopes: scopes.split(',').filter(Boolean), ...(expires_at && { expiresAt: expires_at }) };
}

function toRecord(row: Row): KeyRecord {
  return {
    ...toKey(row),
    createdAt: row.created_at,
    ...(row.used_at && { usedAt: row.used_at }),
    ...(row.revoked_at && { revokedAt: row.revoked_at }),
  };
}
