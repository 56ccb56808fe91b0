import { mkdir, writeFile } from 'node:fs/promises';
import { isAlive, readStartTime, signalProcess } from '../../../controller/src/host/process.ts';
import { within } from '../../../controller/src/host/within.ts';
import type { Machine, MachineDriver, MachineRecord, MachineSpec } from '../../../controller/src/machines/driver.ts';
import { attachMachine } from '../../../controller/src/machines/shim/machine.ts';
import { toShimPaths } from '../../../controller/src/machines/shim/paths.ts';
import { Sleepers } from './sleepers.ts';

/** What whoever plays the guests is told of a machine that runs. */
export interface Booted {
  machineId: string;
  configArg: string;
  slot: number;
}

/**
 * Machines of which there can be a thousand on one small host: a process that sleeps, a directory with a console and a disk's
 * file. No shim, no control groups, no namespaces; their agents are played by whoever `onBoot` tells.
 */
export function createLightDriver(onBoot: (booted: Booted) => void): MachineDriver {
  const sleepers = new Sleepers();
  return {
    name: 'container',
    isolation: 'shared-kernel',
    link: 'interface',
    pace: 1,
    check: async () => ({ ok: true, missing: [] }),
    async start(spec, signal, network) {
      await within(signal, network?.up ?? Promise.resolve());
      const machine = await start(spec, sleepers);
      onBoot({ machineId: spec.machineId, configArg: spec.configArg, slot: Number(/-g(\d+)$/.exec(spec.netns)![1]) });
      return machine;
    },
    adopt: async (record) => ((await isAlive(record)) ? attach(record) : undefined),
    async remove({ pid, startTime }) {
      if (pid !== undefined && startTime !== undefined) await signalProcess({ pid, startTime }, 'SIGKILL');
    },
  };
}

async function start({ machineId, runDir, console: { path } }: MachineSpec, sleepers: Sleepers): Promise<Machine> {
  await mkdir(toShimPaths(runDir, machineId).exitDir, { mode: 0o700 });
  await writeFile(path, 'agent: up\n');
  await writeFile(`${runDir}/disk`, 'a disk that somebody wrote to\n');
  const pid = await sleepers.next();
  const startTime = await readStartTime(pid);
  if (startTime === undefined) throw new Error('its process ended at once');
  return attach({ machineId, driver: 'container', runDir, pid, startTime });
}

function attach(record: MachineRecord): Machine {
  const cgroup = { unit: [], groups: [], around: [], writes: [], parents: [], members: '/nowhere', oomFile: '/nowhere' };
  return attachMachine({ record, cgroup, ask: async () => false, takeDown: async () => undefined });
}
