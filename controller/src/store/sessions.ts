import type { EgressRules, SessionEgress } from '#contract/egress';
import type { ServiceState } from '#contract/guest';
import type { Phase, Session, SessionStatus } from '#contract/session';
import type { BootTime } from '../host/boot-time.ts';
import type { Birth } from '../sessions/age.ts';
import { isFinal } from '../sessions/transitions.ts';
import { fromBorn, toBorn, type BornRow } from './born.ts';
import type { Sql } from './sql.ts';

export interface NewSession {
  id: string;
  /** Whose key started it. */
  owner: string;
  userId: string;
  provider: string;
  display: { width: number; height: number };
  idempotencyKey: string | undefined;
  /** Where it may go; everywhere on the internet without. */
  egressRules?: EgressRules | undefined;
  restore?: boolean | undefined;
  at: string;
  born?: BootTime | undefined;
}

export interface Transition {
  to: SessionStatus;
  at: string;
  /** `api`, `machine`, `controller`, `clock` … */
  who: string;
  reason?: { code: string; message: string } | undefined;
}

export interface SessionTable {
  /** Who tells somebody of it waits for `Store.synced` before. */
  insert(session: NewSession): void;
  read(id: string): Session | undefined;
  /** Whose it is. */
  ownerOf(id: string): string | undefined;
  /** How many of a user's sessions are in one of these statuses. */
  countOf(owner: string, userId: string, statuses: readonly SessionStatus[]): number;
  readBirth(id: string): Birth | undefined;
  findByKey(idempotencyKey: string): Session | undefined;
  /** The new status, its reason, and a row that says who and when. A final one survives loss of power. */
  move(id: string, transition: Transition): void;
  setMachine(id: string, machine: { machineId: string; driver: string; isolation: string; image: string }, at: string): void;
  setGuest(id: string, guest: { services: ServiceState[]; marks: Record<string, number> }, at: string): void;
  /** What is known of its way out. Without `at` it is no new version of the record. */
  setEgress(id: string, egress: SessionEgress, at?: string): void;
  startPhase(id: string, name: string, at: string): void;
  endPhase(id: string, name: string, at: string, ms: number): void;
  /** Counts that the session begins again, and forgets the phases of its way so far. Returns how often it did. */
  beginAgain(id: string, at: string): number;
  /** Users who have sessions in one of these statuses. */
  users(statuses: readonly SessionStatus[]): { owner: string; userId: string }[];
  /** Ids of sessions in one of these statuses. */
  list(statuses: readonly SessionStatus[]): string[];
  /** Whole sessions in one of these statuses, the newest first; of one owner, or of all. */
  newest(statuses: readonly SessionStatus[], limit: number, owner?: string): Session[];
  countByStatus(): Record<string, number>;
  saveConsole(id: string, content: string, at: string): void;
  readConsole(id: string): string | undefined;
}

interface Row {
  id: string;
  user_id: string;
  provider: string;
  status: SessionStatus;
  created_at: string;
  updated_at: string;
  reason_code: string | null;
  reason_message: string | null;
  image: string | null;
  driver: string | null;
  isolation: string | null;
  machine_id: string | null;
  width: number;
  height: number;
  marks: string;
  services: string;
  egress_rules: string | null;
  egress: string | null;
  restore: number;
}

interface PhaseRow {
  name: string;
  started_at: string;
  ended_at: string | null;
  ms: number | null;
}

const INSERT = `insert into sessions
  (id, user_id, provider, status, created_at, updated_at, width, height, idempotency_key, restore, boot_id, born_ms, owner, egress_rules)
  values ($1, $2, $3, 'pending', $4, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;
const MOVE = 'update sessions set status = $2, updated_at = $3, reason_code = $4, reason_message = $5 where id = $1';
const NUMBER = 'update event_sequence set last = last + 1';
const LOG_FIRST = `insert into transitions (session_id, seq, at, to_status, who, event_id)
  select $1, 0, $2, 'pending', 'api', last from event_sequence`;
const LOG = `insert into transitions (session_id, seq, at, from_status, to_status, who, why, event_id)
  select $1, (select count(*) from transitions where session_id = $1), $2, status, $3, $4, $5, (select last from event_sequence)
  from sessions where id = $1`;
const SET_MACHINE = 'update sessions set machine_id = $2, driver = $3, isolation = $4, image = $5, updated_at = $6 where id = $1';
const SET_GUEST = 'update sessions set services = $2, marks = $3, updated_at = $4 where id = $1';
const SET_EGRESS = 'update sessions set egress = $2, updated_at = coalesce($3, updated_at) where id = $1';
const TOUCH = 'update sessions set updated_at = $2 where id = $1';
const START_PHASE = `insert into phases (session_id, seq, name, started_at)
  values ($1, (select count(*) from phases where session_id = $1), $2, $3)`;
const END_PHASE = 'update phases set ended_at = $3, ms = $4 where session_id = $1 and name = $2 and ended_at is null';
const PHASES = 'select name, started_at, ended_at, ms from phases where session_id = $1 order by seq';
const COUNT_RESTART = 'update sessions set restarts = restarts + 1, updated_at = $2 where id = $1';
const SAVE_CONSOLE = `insert into consoles (session_id, saved_at, content) values ($1, $2, $3)
  on conflict (session_id) do update set saved_at = excluded.saved_at, content = excluded.content`;

export function createSessionTable(sql: Sql): SessionTable {
  const touch = (id: string, at: string) => sql.run(TOUCH, id, at);
  const complete = (row: Row | undefined) => row && toSession(row, sql.all<PhaseRow>(PHASES, row.id));
  return {
    insert: (s) =>
      sql.atomically(() => {
        const { width, height } = s.display;
        const facts = [s.idempotencyKey ?? null, Number(s.restore ?? false), ...toBorn(s.born), s.owner];
        const rules = s.egressRules ? JSON.stringify(s.egressRules) : null;
        sql.run(INSERT, s.id, s.userId, s.provider, s.at, width, height, ...facts, rules);
        sql.run(NUMBER);
        sql.run(LOG_FIRST, s.id, s.at);
      }),
    read: (id) => complete(sql.one<Row>('select * from sessions where id = $1', id)),
    ownerOf: (id) => sql.one<{ owner: string }>('select owner from sessions where id = $1', id)?.owner,
    countOf: (owner, userId, statuses) =>
      sql.one<{ n: number }>(
        `select count(*) as n from sessions where owner = $1 and user_id = $2 and status in (${toPlaces(statuses, 3)})`,
        ...[owner, userId, ...statuses],
      )!.n,
    readBirth(id) {
      const row = sql.one<{ created_at: string } & BornRow>('select created_at, boot_id, born_ms from sessions where id = $1', id);
      return row && { createdAt: row.created_at, ...fromBorn(row) };
    },
    findByKey: (key) => complete(sql.one<Row>('select * from sessions where idempotency_key = $1', key)),
    move(id, t) {
      const write = () =>
        sql.atomically(() => {
          sql.run(NUMBER);
          sql.run(LOG, id, t.at, t.to, t.who, t.reason?.code ?? null);
          sql.run(MOVE, id, t.to, t.at, t.reason?.code ?? null, t.reason?.message ?? null);
        });
      // Somebody is told of it, and may forget the session then.
      if (isFinal(t.to)) sql.durably(write);
      else write();
    },
    setMachine: (id, m, at) => void sql.run(SET_MACHINE, id, m.machineId, m.driver, m.isolation, m.image, at),
    setGuest: (id, guest, at) => void sql.run(SET_GUEST, id, JSON.stringify(guest.services), JSON.stringify(guest.marks), at),
    setEgress: (id, egress, at) => void sql.run(SET_EGRESS, id, JSON.stringify(egress), at ?? null),
    startPhase: (id, name, at) => sql.atomically(() => (sql.run(START_PHASE, id, name, at), void touch(id, at))),
    endPhase: (id, name, at, ms) => sql.atomically(() => (sql.run(END_PHASE, id, name, at, ms), void touch(id, at))),
    beginAgain: (id, at) =>
      sql.atomically(() => {
        sql.run('delete from phases where session_id = $1', id);
        sql.run(COUNT_RESTART, id, at);
        return sql.one<{ restarts: number }>('select restarts from sessions where id = $1', id)!.restarts;
      }),
    users: (statuses) =>
      statuses.flatMap((status) =>
        sql
          .all<{ owner: string; user_id: string }>('select distinct owner, user_id from sessions where status = $1', status)
          .map(({ owner, user_id }) => ({ owner, userId: user_id })),
      ),
    list: (statuses) =>
      statuses.flatMap((status) => sql.all<{ id: string }>('select id from sessions where status = $1', status).map(({ id }) => id)),
    newest: (statuses, limit, owner) => {
      const mine = owner === undefined ? [] : [owner];
      const rows = sql.all<Row>(
        `select * from sessions where status in (${toPlaces(statuses, 2 + mine.length)}) ${mine.length > 0 ? 'and owner = $2' : ''}
          order by created_at desc, id limit $1`,
        ...[limit, ...mine, ...statuses],
      );
      return rows.map((row) => complete(row)!);
    },
    countByStatus: () =>
      Object.fromEntries(
        sql
          .all<{ status: string; n: number }>('select status, count(*) as n from sessions group by status')
          .map((row) => [row.status, row.n]),
      ),
    saveConsole: (id, content, at) => void sql.run(SAVE_CONSOLE, id, at, content),
    readConsole: (id) => sql.one<{ content: string }>('select content from consoles where session_id = $1', id)?.content,
  };
}

/** `$3, $4, …` */
function toPlaces(values: readonly unknown[], first: number): string {
  return values.map((_, index) => `$${first + index}`).join(', ');
}

function toSession(row: Row, phases: PhaseRow[]): Session {
  return {
    sessionId: row.id,
    userId: row.user_id,
    provider: row.provider,
    status: row.status,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.restore === 1 && { restore: true }),
    ...(row.reason_code && { reason: { code: row.reason_code, message: row.reason_message ?? '' } }),
    phases: phases.map(toPhase),
    ...(row.image && { image: row.image }),
    ...(row.machine_id && { machine: { machineId: row.machine_id, driver: row.driver ?? '', isolation: row.isolation ?? '' } }),
    display: { width: row.width, height: row.height },
    marks: JSON.parse(row.marks) as Record<string, number>,
    services: JSON.parse(row.services) as ServiceState[],
    ...toEgress(row),
  };
}

function toPhase(row: PhaseRow): Phase {
  return {
    name: row.name,
    startedAt: row.started_at,
    ...(row.ended_at && { endedAt: row.ended_at }),
    ...(row.ms !== null && { ms: row.ms }),
  };
}

function toEgress({ egress_rules: rules, egress }: Row): { egress?: SessionEgress } {
  if (rules === null && egress === null) return {};
  return { egress: { ...(JSON.parse(rules ?? '{}') as EgressRules), ...(JSON.parse(egress ?? '{}') as SessionEgress) } };
}
