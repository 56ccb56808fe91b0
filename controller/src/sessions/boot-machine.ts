import { at } from '../fault-point.ts';
import { inTime } from '../host/in-time.ts';
import { Limit } from '../host/limit.ts';
import { within } from '../host/within.ts';
import type { Machine, MachineImage, MachineKernel } from '../machines/driver.ts';
import { Beginning } from './beginning.ts';
import type { BringUpDeps } from './bring-up.ts';
import { explain } from './explain.ts';
import { SessionFailure } from './errors.ts';
import { guestPhases, type PhasePlan } from './guest-phases.ts';
import { holdMachine } from './hold-machine.ts';
import { layOut, type LaidOutMachine } from './lay-out.ts';
import type { LiveMachine } from './live-machine.ts';
import { toBody, toConfig } from './machine-spec.ts';
import { patiently } from './patiently.ts';

export type BootDeps = Pick<BringUpDeps, 'config' | 'machinery' | 'store' | 'machines' | 'stepLimits' | 'readBootTime'>;

export interface Boot {
  /** When it is to end at the latest, ISO 8601: by the host's time as it is now. */
  endsAt: string;
  /** The same, as its shim counts it from now on, ms. */
  readLifetimeMs: () => number;
  /** What it is kept ready for, where no session waits for it. */
  warmKey?: string;
  /** Opens what leads out of it, once it has a network. */
  openWays: () => Promise<void>;
  /** Called when it is written down, before anything of it is made. */
  onRecorded?: (image: string) => void;
}

/** Writes a machine down, and gives the phases that lead to its desktop. Everything made is on its undo stack. */
export async function planBoot(live: LiveMachine, deps: BootDeps, boot: Boot): Promise<PhasePlan[]> {
  const { config, machinery } = deps;
  const [image, kernel] = await Promise.all([prepareImage(live, deps), findKernel(deps)]);
  await recordMachine(live, image.id, boot, deps);
  await patiently(() => boot.onRecorded?.(image.id), live.life.signal);
  const beginning = new Beginning(live, toConfig(live, config), machinery.driver, machinery.snapshots);
  let machine: LaidOutMachine;
  let running: Machine | undefined;
  return [
    {
      name: 'network',
      act: async () => {
        const body = toBody(live, { image, kernel }, config, boot.readLifetimeMs());
        machine = await layOut(live, body.runDir, (signal, progress) => beginning.start(body, signal, progress));
        await raiseNetwork(live, deps, () => machine.networkMade());
        await boot.openWays();
      },
      late: () => 'the network was not up',
    },
    {
      name: 'machine',
      act: async (signal) => void (running = await startMachine(live, machine, deps, signal)),
      record: () => recordProcess(running!, deps),
      late: () => 'the machine was not started',
    },
    ...guestPhases(live, (signal) => beginning.wake(signal)),
  ];
}

/** A virtual machine's. */
async function findKernel({ machinery, stepLimits }: BootDeps): Promise<MachineKernel | undefined> {
  if (machinery.driver.isolation === 'shared-kernel') return undefined;
  return inTime(stepLimits.image, 'looking for it', machinery.findKernel()).catch(explain('kernel_unusable', 'there is no kernel to boot'));
}

/** The first machine with an image may wait for it to be checked, which is no fault of its own: its session is still pending. */
async function prepareImage(live: LiveMachine, { machinery, stepLimits }: BootDeps): Promise<MachineImage> {
  const { driver } = machinery;
  using limit = new Limit(stepLimits.image, live.life.signal);
  const { signal } = limit;
  const orLate = (what: string) => (cause: unknown) => {
    if (!limit.isLate) return explain('image_unusable', what)(cause);
    throw new SessionFailure('image_timed_out', `the image was not checked and mounted within ${stepLimits.image / 1000} s`);
  };
  const image = await within(signal, machinery.findImage()).catch(orLate('there is no image to boot'));
  // Without our signal: others wait for the same.
  await within(signal, driver.prepare?.(image) ?? Promise.resolve()).catch(orLate('the image cannot be booted'));
  return image;
}

/** The row comes before the first resource and goes after the last. */
async function recordMachine(
  live: LiveMachine,
  image: string,
  { endsAt, warmKey }: Boot,
  { machinery, store, machines, readBootTime }: BootDeps,
): Promise<void> {
  const { sessionId, machineId, runDir, slot, undo, tokenHash, life } = live;
  const isGated = machinery.snapshots !== undefined && machinery.driver.toSnapshotKey !== undefined;
  const facts = { machineId, sessionId, warmKey, slot: slot.index, runDir, driver: machinery.driver.name };
  const row = { ...facts, image, endsAt, isGated, tokenHash, born: readBootTime() };
  await patiently(() => store.machines.insert(row, new Date().toISOString()), life.signal);
  at('machine recorded');
  undo.push('record', () => store.later.do('end of a machine', () => void machines.move(machineId, 'gone', 'controller')), {
    isLast: true,
  });
}

function recordProcess({ record }: Machine, { machines }: BootDeps): void {
  const { machineId, pid, startTime } = record;
  const facts = { pid, startTime };
  const isFirst = machines.move(machineId, 'started', 'controller', undefined, facts);
  if (!isFirst) machines.move(machineId, 'running', 'controller', 'said hello before', facts);
  at('process recorded');
}

async function raiseNetwork({ slot, undo }: LiveMachine, { machinery }: BootDeps, onMade: () => void): Promise<void> {
  const onBegun = () => {
    at('network begun');
    onMade();
  };
  const creating = machinery.createCloneNetwork(slot, onBegun).catch(explain('network_failed', 'the network could not be made'));
  // One that could not be made left nothing; what is there then is another's.
  undo.push('network', () =>
    creating.then(
      () => machinery.removeCloneNetwork(slot),
      () => undefined,
    ),
  );
  await creating;
  at('network made');
}

function startMachine(live: LiveMachine, laidOut: LaidOutMachine, deps: BootDeps, signal: AbortSignal): Promise<Machine> {
  const starting = laidOut.run(signal).catch(explain('machine_failed', 'the machine could not be started'));
  return holdMachine(live, starting, deps);
}
