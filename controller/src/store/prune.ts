import type { Sql } from './sql.ts';

/** ISO 8601: what was last changed before this goes. */
export interface PruneLimits {
  /** Sessions that are over, with their phases, transitions and console. Their Idempotency-Keys are free then. */
  sessionsBefore: string;
  auditBefore: string;
  /** Credentials that were to be kept until before this. */
  credentialsBefore: string;
}

export interface Pruned {
  sessions: number;
  audit: number;
  credentials: number;
}

/** At one time: the process stands still meanwhile. */
const BATCH = 200;

/** A session whose machine is still recorded is kept: its row says whose that was. */
const SESSIONS = `delete from sessions where id in (
  select id from sessions where status in ('completed', 'failed', 'expired', 'stopped') and updated_at < $1
    and not exists (select 1 from machines where machines.session_id = sessions.id) limit ${BATCH})`;
const AUDIT = `delete from audit where id in (select id from audit where at < $1 limit ${BATCH})`;
const CREDENTIALS = `delete from credentials where session_id in (select session_id from credentials where expires_at < $1 limit ${BATCH})`;

export function prune(sql: Sql, { sessionsBefore, auditBefore, credentialsBefore }: PruneLimits): Pruned {
  return {
    sessions: sql.run(SESSIONS, sessionsBefore),
    audit: sql.run(AUDIT, auditBefore),
    credentials: sql.run(CREDENTIALS, credentialsBefore),
  };
}
