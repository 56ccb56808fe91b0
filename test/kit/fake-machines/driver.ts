import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { GUEST_NETWORK } from '#contract/network';
import { fromKernelArgs } from '#contract/kernel-line';
import { readStartTime } from '../../../controller/src/host/process.ts';
import {
  MachineStartFailed,
  type Machine,
  type MachineDriver,
  type MachineRecord,
  type MachineSpec,
  type NetworkProgress,
} from '../../../controller/src/machines/driver.ts';
import { planCgroup, type CgroupPlan } from '../../../controller/src/machines/shim/cgroup-plan.ts';
import { createCgroup, readCgroupLayout } from '../../../controller/src/machines/shim/cgroup.ts';
import { launch, planShim } from '../../../controller/src/machines/shim/launch.ts';
import { attachMachine } from '../../../controller/src/machines/shim/machine.ts';
import { toShimPaths } from '../../../controller/src/machines/shim/paths.ts';
import { createVmContext, type VmContext } from '../../../controller/src/machines/vm/context.ts';
import { findRecorded } from '../../../controller/src/machines/vm/find-recorded.ts';
import { RUN } from '../../../controller/src/machines/vm/launch.ts';
import { removeMachine, takeDown } from '../../../controller/src/machines/vm/take-down.ts';

const LAUNCH = join(import.meta.dirname, 'launch.sh');
const AGENT = join(import.meta.dirname, 'agent.sh');
const LAUNCH_MS = 10_000;

export interface FakeDriverOptions {
  runDir: string;
  instance: string;
  log: Logger;
}

/**
 * Machines that boot in milliseconds, of which all but the desktop is real: a process under conmon in control groups and a network
 * namespace of its own, a console, a disk's file, and an agent that speaks to the guest endpoint. Adopts and removes as the drivers
 * of virtual machines do. It takes the container driver's name: no session can ask for one that does not exist.
 */
export function createFakeDriver({ runDir, instance, log }: FakeDriverOptions): MachineDriver {
  const context = createVmContext({ runDir, instance, log, kernelArgs: [], diskMib: 64 });
  return {
    name: 'container',
    isolation: 'shared-kernel',
    link: 'interface',
    pace: 1,
    check: async () => ({ ok: true, missing: [] }),
    start: (spec, signal, network) =>
      start(context, spec, signal, network).catch((cause: Error) => {
        throw new MachineStartFailed(`fake ${spec.machineId} was not started: ${cause.message}`, { cause });
      }),
    async adopt(record) {
      const cgroup = await findRecorded(context, record);
      return cgroup && attach(record, cgroup);
    },
    remove: (record) => removeMachine(context, record),
  };
}

async function start(context: VmContext, spec: MachineSpec, signal: AbortSignal, network?: NetworkProgress): Promise<Machine> {
  const { machineId, runDir, limits } = spec;
  const cgroup = planCgroup(await readCgroupLayout(), context.instance, machineId, limits);
  const paths = toShimPaths(runDir, machineId);
  for (const dir of [paths.bundle, paths.exitDir]) await mkdir(dir, { recursive: true, mode: 0o700 });
  const agent = await toAgent(spec);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => takeDown(cgroup).catch((err: unknown) => context.log.error({ err, machine: machineId }, 'could not be taken down')));
  await createCgroup(cgroup);
  signal.throwIfAborted();
  const shim = planShim(spec, '/bin/sh', [RUN, ...agent, '--']);
  const argv = [...cgroup.unit, 'sh', LAUNCH, spec.netns, paths.launchLog, join(runDir, 'disk'), ...cgroup.groups, '--', ...shim];
  const pid = await launch(argv, paths.launchLog, LAUNCH_MS, signal, network?.up);
  const startTime = await readStartTime(pid);
  if (startTime === undefined) throw new Error('its process ended at once');
  signal.throwIfAborted();
  undo.move();
  return attach({ machineId, driver: 'container', runDir, pid, startTime }, cgroup);
}

/** argv of its one process; the token is in a file, as all users of a host can read an argv. */
async function toAgent({ runDir, configArg }: MachineSpec): Promise<string[]> {
  const { protocol, token, machineId } = fromKernelArgs(configArg);
  const [tokenFile, secretFile] = [join(runDir, 'token'), join(runDir, 'secret')];
  await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
  const { gateway, guestEndpointPort } = GUEST_NETWORK;
  return ['bash', AGENT, gateway, String(guestEndpointPort), machineId, String(protocol), tokenFile, secretFile];
}

function attach(record: MachineRecord, cgroup: CgroupPlan): Machine {
  // It has nothing to put in order.
  return attachMachine({ record, cgroup, ask: async () => false, takeDown: () => takeDown(cgroup) });
}
