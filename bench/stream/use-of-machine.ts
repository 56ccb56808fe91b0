import { findInMachine, listInMachine } from '#test/machine';
import { readCpuSeconds } from '../kit/process-use.ts';

/** Percent of one processor. */
export interface Used {
  machinePercent: number;
  /** Of it, what takes, encodes and sends the picture: agent and oriel-capture. */
  streamPercent: number;
}

/** What the processes of a machine use from here on; those that come and go in between are not seen. */
export class UseOfMachine {
  readonly #before: Map<number, number>;
  readonly #stream: ReadonlySet<number>;
  readonly #from = performance.now();

  constructor(machineId: string) {
    this.#before = new Map(listInMachine(machineId).map((pid) => [pid, readCpuSeconds(pid)]));
    this.#stream = new Set(['/usr/lib/oriel/agent.mjs', '/usr/lib/oriel/oriel-capture'].flatMap((word) => findInMachine(machineId, word)));
    if (this.#stream.size < 2) throw new Error(`${machineId}: agent and oriel-capture are not among its processes`);
  }

  take(): Used {
    const elapsedS = (performance.now() - this.#from) / 1000;
    const used = [...this.#before].map(([pid, before]) => ({ pid, percent: (100 * (readOr(pid, before) - before)) / elapsedS }));
    const sum = (pids: readonly { percent: number }[]) => pids.reduce((all, { percent }) => all + percent, 0);
    return { machinePercent: sum(used), streamPercent: sum(used.filter(({ pid }) => this.#stream.has(pid))) };
  }
}

function readOr(pid: number, otherwise: number): number {
  try {
    return readCpuSeconds(pid);
  } catch {
    return otherwise; // it ended meanwhile
  }
}
