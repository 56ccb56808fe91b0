import { randomUUID } from 'node:crypto';
import type { Sql } from './sql.ts';

/** Who did what to which session: one row for each action of an operator or product, never with a secret in it. */
export interface AuditEntry {
  who: string;
  action: string;
  sessionId?: string;
  detail?: string;
}

export interface AuditTable {
  append(entry: AuditEntry, at?: string): void;
  list(sessionId: string): AuditEntry[];
  /** Of all, the newest first. */
  newest(limit: number): AuditEntry[];
}

export function createAuditTable(sql: Sql): AuditTable {
  const insert = 'insert into audit (id, at, who, action, session_id, detail) values ($1, $2, $3, $4, $5, $6)';
  const select = 'select who, action, session_id as "sessionId", detail from audit where session_id = $1 order by at, id';
  return {
    append: ({ who, action, sessionId, detail }, at = new Date().toISOString()) =>
      void sql.run(insert, randomUUID(), at, who, action, sessionId ?? null, detail ?? null),
    newest: (limit) =>
      sql.all<AuditEntry>('select who, action, session_id as "sessionId", detail from audit order by at desc, id limit $1', limit),
    list: (sessionId) => sql.all<AuditEntry>(select, sessionId),
  };
}
