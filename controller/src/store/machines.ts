import type { Sql } from './sql.ts';

/** Enough to find a machine and its network again, or to take them down. */
export interface MachineRow {
  machineId: string;
  sessionId: string;
  slot: number;
  runDir: string;
  driver: string;
  /** Missing until the machine's process runs. */
  pid?: number;
  startTime?: number;
}

export interface MachineTable {
  insert(row: MachineRow, at: string): void;
  setProcess(machineId: string, pid: number, startTime: number): void;
  /** What cannot be removed now, as on a full disk, is before the next insert: the slot of a machine that is gone is free. */
  remove(machineId: string): void;
  list(): MachineRow[];
}

interface Row {
  id: string;
  session_id: string;
  slot: number;
  run_dir: string;
  driver: string;
  pid: number | null;
  start_time: number | null;
}

const INSERT = 'insert into machines (id, session_id, slot, run_dir, driver, created_at) values ($1, $2, $3, $4, $5, $6)';

export function createMachineTable(sql: Sql): MachineTable {
  const gone = new Set<string>();
  const removeGone = () => {
    for (const id of gone) {
      sql.run('delete from machines where id = $1', id);
      gone.delete(id);
    }
  };
  return {
    insert(row, at) {
      removeGone();
      sql.run(INSERT, row.machineId, row.sessionId, row.slot, row.runDir, row.driver, at);
    },
    setProcess: (id, pid, startTime) => void sql.run('update machines set pid = $2, start_time = $3 where id = $1', id, pid, startTime),
    remove(id) {
      gone.add(id);
      removeGone();
    },
    list: () => sql.all<Row>('select * from machines order by created_at, id').map(toMachineRow),
  };
}

function toMachineRow(row: Row): MachineRow {
  return {
    machineId: row.id,
    sessionId: row.session_id,
    slot: row.slot,
    runDir: row.run_dir,
    driver: row.driver,
    ...(row.pid !== null && { pid: row.pid }),
    ...(row.start_time !== null && { startTime: row.start_time }),
  };
}
