import { openSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import type { Call } from './fake-firecracker.ts';

/** Where a fake writes down the machine that it has not got, and finds one again. Throws for what Firecracker would refuse. */
export interface Vault {
  save(paths: { state: string; memory: string }, machine: readonly Call[]): void;
  load(paths: { state: string; memory: string }): Call[];
}

const MIB = 2 ** 20;
const MARK = 'memory of a machine';

/** `toHost`: where a path that is told to Firecracker is for the fake. */
export function createVault(toHost: (path: string) => string): Vault {
  return {
    save({ state, memory }, machine) {
      writeFileSync(toHost(state), JSON.stringify(machine));
      writeFileSync(toHost(memory), MARK);
      truncateSync(toHost(memory), toMemoryMib(machine) * MIB);
    },
    load({ state, memory }) {
      const machine = JSON.parse(readFileSync(toHost(state), 'utf8')) as Call[];
      if (statSync(toHost(memory)).size !== toMemoryMib(machine) * MIB) throw new Error('the memory file has another size than the memory');
      if (!readFileSync(toHost(memory)).subarray(0, MARK.length).equals(Buffer.from(MARK))) throw new Error('that is no memory');
      return machine;
    },
  };
}

/** Whether a file can be changed by whoever asks: a memory file that copies share must not be. */
export function isWritable(path: string): boolean {
  try {
    openSync(path, 'r+');
    return true;
  } catch {
    return false;
  }
}

function toMemoryMib(machine: readonly Call[]): number {
  return Number(machine.find(({ path }) => path === '/machine-config')!.body!.mem_size_mib);
}
