import type { Sql } from './sql.ts';

export interface StoredKey {
  id: string;
  name: string;
  /** sha256 of the key, hex. */
  hash: string;
  /** ISO 8601; missing when it never ends. */
  expiresAt?: string | undefined;
}

export interface KeyTable {
  insert(key: StoredKey, at: string): void;
  /** The key with this hash that has not expired at `now`. */
  find(hash: string, now: string): StoredKey | undefined;
}

export function createKeyTable(sql: Sql): KeyTable {
  const insert = 'insert into api_keys (id, name, hash, created_at, expires_at) values ($1, $2, $3, $4, $5)';
  const select = 'select id, name, hash from api_keys where hash = $1 and (expires_at is null or expires_at > $2)';
  return {
    insert: ({ id, name, hash, expiresAt }, at) => void sql.durably(() => sql.run(insert, id, name, hash, at, expiresAt ?? null)),
    find: (hash, now) => sql.one<StoredKey>(select, hash, now),
  };
}
