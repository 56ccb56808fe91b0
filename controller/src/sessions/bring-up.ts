import type { Config } from '../config.ts';
import { at } from '../fault-point.ts';
import { within } from '../host/within.ts';
import type { MachineImage, MachineKernel } from '../machines/driver.ts';
import type { Store } from '../store/store.ts';
import { Beginning } from './beginning.ts';
import { explain } from './explain.ts';
import { SessionFailure } from './errors.ts';
import { guestPhases, runPhases } from './guest-phases.ts';
import { holdMachine } from './hold-machine.ts';
import type { Ledger } from './ledger.ts';
import { layOut, type LaidOutMachine } from './lay-out.ts';
import type { LiveSession } from './live-session.ts';
import type { MachineLedger } from './machine-states.ts';
import { toBody, toConfig } from './machine-spec.ts';
import type { Machinery } from './machinery.ts';
import { openWays } from './ways.ts';

export interface BringUpDeps {
  config: Pick<Config, 'dataDir' | 'display' | 'video' | 'limits' | 'diskMib' | 'timeoutMs' | 'egressUpstream'>;
  machinery: Machinery;
  store: Pick<Store, 'machines' | 'sessions'>;
  ledger: Ledger;
  machines: MachineLedger;
  /** Called when the machine says that it cannot go on, or ends by itself, also after bring-up. */
  onFailure: (failure: SessionFailure) => void;
}

/** Reading a whole image once takes seconds on a slow disk. */
const IMAGE_LIMIT_MS = 120_000;

/** From a record to a desktop that can be viewed. Everything made is on the session's undo stack; rejects with why it did not work. */
export async function bringUp(live: LiveSession, deps: BringUpDeps): Promise<void> {
  const { ledger, config, machinery } = deps;
  const [image, kernel] = await Promise.all([prepareImage(live, deps), findKernel(deps)]);
  const endsAt = new Date(Date.parse(ledger.read(live.id).createdAt) + config.timeoutMs.session).toISOString();
  recordMachine(live, image.id, endsAt, deps);
  const beginning = new Beginning(live, toConfig(live, config), machinery.driver, machinery.snapshots);
  ledger.move(live.id, 'vm_creating', 'controller');
  let machine: LaidOutMachine;
  await runPhases(live, deps, [
    {
      name: 'network',
      act: async () => {
        const body = toBody(live, { image, kernel }, config, endsAt);
        machine = await layOut(live, body.runDir, (signal, progress) => beginning.start(body, signal, progress));
        await raiseNetwork(live, deps, () => machine.networkMade());
      },
      late: () => 'the network was not up',
    },
    {
      name: 'machine',
      act: (signal) => startMachine(live, machine, image.id, deps, signal),
      late: () => 'the machine was not started',
    },
    ...guestPhases(live, (signal) => beginning.wake(signal)),
  ]);
  ledger.move(live.id, 'vm_created', 'controller');
}

/** A virtual machine's. */
async function findKernel({ machinery }: BringUpDeps): Promise<MachineKernel | undefined> {
  if (machinery.driver.isolation === 'shared-kernel') return undefined;
  return machinery.findKernel().catch(explain('kernel_unusable', 'there is no kernel to boot'));
}

/** Still pending: the first session with an image may wait for it to be checked, which is no fault of its machine. */
async function prepareImage(live: LiveSession, { machinery }: BringUpDeps): Promise<MachineImage> {
  const { driver } = machinery;
  const limit = AbortSignal.timeout(IMAGE_LIMIT_MS);
  const signal = AbortSignal.any([limit, live.life.signal]);
  const image = await within(signal, machinery.findImage()).catch(explain('image_unusable', 'there is no image to boot'));
  // Without our signal: other sessions wait for the same.
  const prepared = within(signal, driver.prepare?.(image) ?? Promise.resolve());
  await prepared.catch((cause: unknown) => {
    if (limit.aborted)
      throw new SessionFailure('image_timed_out', `the image was not checked and mounted within ${IMAGE_LIMIT_MS / 1000} s`);
    explain('image_unusable', 'the image cannot be booted')(cause);
  });
  return image;
}

/** The row comes before the first resource and goes after the last. */
function recordMachine(live: LiveSession, image: string, endsAt: string, { machinery, store, machines }: BringUpDeps): void {
  const { id, machineId, runDir, slot, undo, tokenHash } = live;
  const isGated = machinery.snapshots !== undefined && machinery.driver.toSnapshotKey !== undefined;
  const row = { machineId, sessionId: id, slot: slot.index, runDir, driver: machinery.driver.name, image, endsAt, isGated, tokenHash };
  store.machines.insert(row, new Date().toISOString());
  at('machine recorded');
  undo.push('record', () => machines.move(machineId, 'gone', 'controller'));
}

async function raiseNetwork(live: LiveSession, deps: BringUpDeps, onMade: () => void): Promise<void> {
  const { machinery } = deps;
  const { slot, undo } = live;
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
  await openWays(live, deps);
}

async function startMachine(
  live: LiveSession,
  laidOut: LaidOutMachine,
  image: string,
  deps: BringUpDeps,
  signal: AbortSignal,
): Promise<void> {
  const { ledger, machines } = deps;
  const { machineId } = live;
  const { name, isolation } = deps.machinery.driver;
  ledger.setMachine(live.id, { machineId, driver: name, isolation, image });
  const starting = laidOut.run(signal).catch(explain('machine_failed', 'the machine could not be started'));
  await holdMachine(live, starting, deps, ({ record: { pid, startTime } }) => {
    const facts = { pid, startTime };
    const isFirst = machines.move(machineId, 'started', 'controller', undefined, facts);
    if (!isFirst) machines.move(machineId, 'running', 'controller', 'said hello before', facts);
  });
}
