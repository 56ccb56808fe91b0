import type { SessionEvent } from '#contract/event';
import type { SessionStatus } from '#contract/session';
import type { Sql } from './sql.ts';

/** Transitions of all sessions, in the order in which they were written down. */
export interface EventTable {
  /** Number of the last; 0 when there was none. */
  last(): number;
  /** Those after this number, the oldest first. Of sessions that were removed there are none. */
  after(id: number, limit: number): SessionEvent[];
}

interface Row {
  id: number;
  at: string;
  session_id: string;
  user_id: string;
  provider: string;
  from_status: SessionStatus | null;
  to_status: SessionStatus;
  who: string;
  why: string | null;
  reason_message: string | null;
}

const AFTER = `select t.event_id as id, t.at, t.session_id, s.user_id, s.provider, t.from_status, t.to_status, t.who, t.why, s.reason_message
  from transitions t join sessions s on s.id = t.session_id where t.event_id > $1 order by t.event_id limit $2`;

export function createEventTable(sql: Sql): EventTable {
  return {
    last: () => sql.one<{ last: number }>('select last from event_sequence')!.last,
    after: (id, limit) => sql.all<Row>(AFTER, id, limit).map(toEvent),
  };
}

/** The reason of a session is that of its last transition: no other has one. */
function toEvent(row: Row): SessionEvent {
  return {
    id: row.id,
    at: row.at,
    sessionId: row.session_id,
    userId: row.user_id,
    provider: row.provider,
    ...(row.from_status !== null && { from: row.from_status }),
    to: row.to_status,
    who: row.who,
    ...(row.why !== null && { reason: { code: row.why, message: row.reason_message ?? '' } }),
  };
}
