import type { BootTime } from '../host/boot-time.ts';
import { fromBorn, toBorn, type BornRow } from './born.ts';
import type { Sql } from './sql.ts';

/** See sessions/machine-states.ts. */
export type MachineState = 'recorded' | 'started' | 'running' | 'ending' | 'gone';

/** What is known of a machine before anything of it is made. */
export interface NewMachine {
  machineId: string;
  /** Of none while it is in the warm pool. */
  sessionId?: string | undefined;
  /** Booted ahead of its session: what it was kept ready for. It stays when it is claimed. */
  warmKey?: string | undefined;
  slot: number;
  runDir: string;
  driver: string;
  /** sha256 of the image that it boots. */
  image?: string;
  /** When its shim ends it, ISO 8601. */
  endsAt?: string;
  /** It waits to be told who it is. */
  isGated?: boolean;
  /** sha256 of the guest's one-time token, hex. */
  tokenHash?: string;
  born?: BootTime | undefined;
}

/** Enough to find a machine and its network again, to go on with it, or to take it down. */
export interface MachineRow extends NewMachine {
  state: MachineState;
  /** ISO 8601. */
  createdAt: string;
  /** Missing until the machine's process runs. */
  pid?: number;
  startTime?: number;
  /** Of the agent in it, once it has said hello: sha256, hex. */
  secretHash?: string;
  vncSecretSealed?: string;
}

export interface MachineMove {
  to: MachineState;
  at: string;
  /** `controller`, `guest` … */
  who: string;
  why?: string | undefined;
}

export interface MachineTable {
  insert(row: NewMachine, at: string, who?: string): void;
  read(machineId: string): MachineRow | undefined;
  /** The new state, what is known with it, and a row that says who and when. */
  move(machineId: string, move: MachineMove, facts?: Partial<MachineFacts>): void;
  /**
   * Gives a machine of the warm pool, which runs, to a session: in one transaction, with a row that says who and when. False, and nothing
   * changed, when it is another's already, or does not run.
   */
  claim(machineId: string, sessionId: string, endsAt: string, move: Omit<MachineMove, 'to'>): boolean;
  /** The guest's secret was used: its token is of no use any more. */
  forgetToken(machineId: string): void;
  /** What cannot be removed now, as on a full disk, is before the next insert: the slot of a machine that is gone is free. */
  remove(machineId: string, move?: Omit<MachineMove, 'to'>): void;
  list(): MachineRow[];
  /** What of them is asked for often. */
  places(): { machineId: string; slot: number }[];
  /** The machine's states, oldest first; also of one that is gone. */
  history(machineId: string): { from: MachineState | null; to: MachineState; who: string; why: string | null; at: string }[];
}

export type MachineFacts = Required<Pick<MachineRow, 'pid' | 'startTime' | 'secretHash' | 'vncSecretSealed'>>;

interface Row extends BornRow {
  id: string;
  /** Empty while it is in the warm pool. */
  session_id: string;
  warm_key: string | null;
  slot: number;
  run_dir: string;
  driver: string;
  state: MachineState;
  created_at: string;
  image: string | null;
  ends_at: string | null;
  is_gated: number;
  token_hash: string | null;
  secret_hash: string | null;
  vnc_secret_sealed: string | null;
  pid: number | null;
  start_time: number | null;
}

const INSERT = `insert into machines (id, session_id, slot, run_dir, driver, created_at, image, ends_at, is_gated, token_hash, warm_key,
  boot_id, born_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`;
const LOG = `insert into machine_transitions (machine_id, session_id, seq, at, from_state, to_state, who, why)
  select id, (select s.id from sessions s where s.id = session_id), (select count(*) from machine_transitions where machine_id = $1),
    $2, $3, $4, $5, $6 from machines where id = $1`;
const MOVE = `update machines set state = $2, pid = coalesce($3, pid), start_time = coalesce($4, start_time),
  secret_hash = coalesce($5, secret_hash), vnc_secret_sealed = coalesce($6, vnc_secret_sealed) where id = $1`;
const CLAIM = `update machines set session_id = $2, ends_at = $3 where id = $1 and session_id = '' and state = 'running'`;
const CLAIM_HISTORY = 'update machine_transitions set session_id = $2 where machine_id = $1';
const HISTORY = `select from_state as "from", to_state as "to", who, why, at from machine_transitions where machine_id = $1 order by seq`;

export function createMachineTable(sql: Sql): MachineTable {
  const gone = new Map<string, Omit<MachineMove, 'to'>>();
  const read = (id: string) => sql.one<Row>('select * from machines where id = $1', id);
  const write = (id: string, from: MachineState | null, { to, at, who, why }: MachineMove) =>
    sql.run(LOG, id, at, from, to, who, why ?? null);
  const removeGone = () => {
    for (const [id, move] of gone) {
      sql.atomically(() => {
        write(id, read(id)?.state ?? null, { ...move, to: 'gone' });
        sql.run('delete from machines where id = $1', id);
      });
      gone.delete(id);
    }
  };
  return {
    insert(row, at, who = 'controller') {
      removeGone();
      const { machineId, sessionId = '', slot, runDir, driver, image = null, endsAt = null, isGated = false } = row;
      const { tokenHash = null, warmKey = null } = row;
      sql.atomically(() => {
        const facts = [image, endsAt, Number(isGated), tokenHash, warmKey, ...toBorn(row.born)];
        sql.run(INSERT, machineId, sessionId, slot, runDir, driver, at, ...facts);
        write(machineId, null, { to: 'recorded', at, who });
      });
    },
    read: (id) => toMachineRow(read(id)),
    move: (id, move, { pid = null, startTime = null, secretHash = null, vncSecretSealed = null } = {}) =>
      sql.atomically(() => {
        write(id, read(id)?.state ?? null, move);
        sql.run(MOVE, id, move.to, pid, startTime, secretHash, vncSecretSealed);
      }),
    claim: (id, sessionId, endsAt, move) =>
      sql.atomically(() => {
        if (sql.run(CLAIM, id, sessionId, endsAt) === 0) return false;
        sql.run(CLAIM_HISTORY, id, sessionId);
        write(id, 'running', { ...move, to: 'running' });
        return true;
      }),
    forgetToken: (id) => void sql.run('update machines set token_hash = null where id = $1', id),
    remove(id, move = { at: new Date().toISOString(), who: 'controller' }) {
      gone.set(id, move);
      removeGone();
    },
    list: () => sql.all<Row>('select * from machines order by created_at, id').map((row) => toMachineRow(row)!),
    places: () => sql.all<Pick<Row, 'id' | 'slot'>>('select id, slot from machines').map(({ id, slot }) => ({ machineId: id, slot })),
    history: (id) => sql.all<ReturnType<MachineTable['history']>[number]>(HISTORY, id),
  };
}

function toMachineRow(row: Row | undefined): MachineRow | undefined {
  return (
    row && {
      machineId: row.id,
      ...(row.session_id !== '' && { sessionId: row.session_id }),
      ...(row.warm_key !== null && { warmKey: row.warm_key }),
      slot: row.slot,
      runDir: row.run_dir,
      driver: row.driver,
      state: row.state,
      createdAt: row.created_at,
      ...fromBorn(row),
      ...(row.image !== null && { image: row.image }),
      ...(row.ends_at !== null && { endsAt: row.ends_at }),
      isGated: row.is_gated === 1,
      ...(row.token_hash !== null && { tokenHash: row.token_hash }),
      ...(row.secret_hash !== null && { secretHash: row.secret_hash }),
      ...(row.vnc_secret_sealed !== null && { vncSecretSealed: row.vnc_secret_sealed }),
      ...(row.pid !== null && { pid: row.pid }),
      ...(row.start_time !== null && { startTime: row.start_time }),
    }
  );
}
