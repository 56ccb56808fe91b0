import { DatabaseSync } from 'node:sqlite';
import type { SessionStatus } from '#contract/session';
import { isFinal, isLegal } from '../../controller/src/sessions/transitions.ts';
import type { Ledger } from './ledger.ts';

interface SessionRow {
  id: string;
  status: SessionStatus;
  idempotency_key: string;
  reason_code: string | null;
}
interface TransitionRow {
  session_id: string;
  /** Null for the first. */
  from_status: SessionStatus | null;
  to_status: SessionStatus;
}

/** What the database says that the clients' ledger does not, after a storm. */
export function compare(databasePath: string, ledger: Ledger): { violations: string[]; ends: Record<string, number>; claimed: number } {
  const db = new DatabaseSync(databasePath, { readOnly: true });
  try {
    const rows = db.prepare('select id, status, idempotency_key, reason_code from sessions').all() as unknown as SessionRow[];
    const sessions = rows.map((row) => ({ ...row, idempotency_key: toSent(row.idempotency_key) }));
    const transitions = db
      .prepare('select session_id, from_status, to_status from transitions order by session_id, seq')
      .all() as unknown as TransitionRow[];
    const { claimed } = db.prepare(CLAIMED).get() as { claimed: number };
    const machines = db.prepare('select id from machines').all();
    const check = db.prepare('pragma integrity_check(1)').get() as { integrity_check: string };
    return {
      violations: [
        ...findLost(sessions, ledger),
        ...findOpen(sessions),
        ...findDied(sessions, ledger),
        ...findIllegal(sessions, transitions),
        ...findShared(db),
        ...machines.map((row) => `left over: a record of the machine ${String(row.id)}`),
        ...(check.integrity_check === 'ok' ? [] : [`database: ${check.integrity_check}`]),
      ],
      ends: countEnds(sessions),
      claimed,
    };
  } finally {
    db.close();
  }
}

/** The key as the client sent it: it is written down behind the name of the API key that it came with. */
function toSent(key: string): string {
  return key.replace(/^\S+ /, '');
}

const CLAIMED = `select count(distinct session_id) as claimed from machine_transitions where why like 'claimed by %'`;

/** A machine that two sessions had. */
function findShared(db: DatabaseSync): string[] {
  const rows = db
    .prepare(`select machine_id as id, count(*) as n from machine_transitions where why like 'claimed by %' group by machine_id`)
    .all();
  return rows.filter(({ n }) => Number(n) > 1).map(({ id, n }) => `shared: the machine ${String(id)} was claimed ${String(n)} times`);
}

function findLost(sessions: readonly SessionRow[], { entries }: Ledger): string[] {
  const byKey = new Map(sessions.map((row) => [row.idempotency_key, row.id]));
  const wrong = entries.filter(({ key, sessionId }) => sessionId !== undefined && byKey.get(key) !== sessionId);
  const known = new Set(entries.map(({ key }) => key));
  const extra = sessions.filter((row) => !known.has(row.idempotency_key));
  return [
    ...wrong.map(({ key, sessionId }) => `lost: the key ${key} has ${sessionId} in the ledger and ${byKey.get(key)} in the database`),
    ...extra.map(({ id }) => `doubled: nobody asked for ${id}`),
  ];
}

function findOpen(sessions: readonly SessionRow[]): string[] {
  return sessions.filter(({ status }) => !isFinal(status)).map(({ id, status }) => `not ended: ${id} is ${status}`);
}

/** A desktop that somebody saw ends when that is asked for, and not with a controller. */
function findDied(sessions: readonly SessionRow[], { entries }: Ledger): string[] {
  const seen = new Set(entries.filter(({ statuses }) => statuses.includes('vm_created')).map(({ sessionId }) => sessionId));
  return sessions
    .filter(({ id, status }) => seen.has(id) && status !== 'stopped')
    .map(({ id, status, reason_code: code }) => `died: ${id} could be viewed, and is ${status} (${code})`);
}

function findIllegal(sessions: readonly SessionRow[], transitions: readonly TransitionRow[]): string[] {
  const at = new Map<string, SessionStatus>();
  const illegal: string[] = [];
  for (const { session_id: id, from_status: from, to_status: to } of transitions) {
    const isNext = from === null ? to === 'pending' : isLegal(from, to);
    if ((at.get(id) ?? null) !== from || !isNext) illegal.push(`illegal: ${id} was ${at.get(id)}, and is written down as ${from} → ${to}`);
    at.set(id, to);
  }
  for (const { id, status } of sessions)
    if (at.get(id) !== status) illegal.push(`illegal: ${id} is ${status}, its transitions say ${at.get(id)}`);
  return illegal;
}

function countEnds(sessions: readonly SessionRow[]): Record<string, number> {
  const ends: Record<string, number> = {};
  for (const { status, reason_code: code } of sessions) {
    const name = code ? `${status} (${code})` : status;
    ends[name] = (ends[name] ?? 0) + 1;
  }
  return ends;
}
