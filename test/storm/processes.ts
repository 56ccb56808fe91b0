import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStartTime } from '../../controller/src/host/process.ts';

export interface StormProcess {
  pid: number;
  startTime: number;
}

/** The process of a machine, by the file of its shim; undefined when it has none. */
export function findProcess(machinesDir: string, machineId: string): StormProcess | undefined {
  try {
    const pid = Number(readFileSync(join(machinesDir, machineId, 'bundle/pid'), 'utf8'));
    const startTime = readStartTime(pid);
    return startTime === undefined ? undefined : { pid, startTime };
  } catch {
    return undefined;
  }
}

export function isAlive(process: StormProcess | undefined): boolean {
  return process !== undefined && readStartTime(process.pid) === process.startTime;
}

function readStartTime(pid: number): number | undefined {
  try {
    return parseStartTime(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}
