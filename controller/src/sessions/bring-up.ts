import type { PhaseName } from '#contract/session';
import type { Config } from '../config.ts';
import { within } from '../host/within.ts';
import { MachineStartFailed, type Machine, type MachineImage, type MachineKernel } from '../machines/driver.ts';
import { until } from '../signal/bell.ts';
import type { Store } from '../store/store.ts';
import { Beginning } from './beginning.ts';
import { keepConsole, watchMachine } from './console.ts';
import { SessionFailure } from './errors.ts';
import type { Ledger } from './ledger.ts';
import { layOut, type LaidOutMachine } from './lay-out.ts';
import type { LiveSession } from './live-session.ts';
import { toBody, toConfig } from './machine-spec.ts';
import type { Machinery } from './machinery.ts';
import { patiently } from './patiently.ts';
import { runPhase, type PhaseRun } from './phase.ts';
import { isDesktopReady, NEEDED_SERVICES } from './readiness.ts';
import { explainCrashLoop, explainLate, explainServices, findCrashLoop, linesOf } from './reason.ts';

export interface BringUpDeps {
  config: Pick<Config, 'dataDir' | 'display' | 'video' | 'limits' | 'diskMib' | 'timeoutMs' | 'egressUpstream'>;
  machinery: Machinery;
  store: Pick<Store, 'machines' | 'sessions' | 'later'>;
  ledger: Ledger;
  /** Called when the machine says that it cannot go on, or ends by itself, also after bring-up. */
  onFailure: (failure: SessionFailure) => void;
}

/** Phases in which the guest's own processors work. */
const OF_THE_GUEST: readonly PhaseName[] = ['boot', 'desktop'];
/** Disposable: nothing in a machine is worth waiting for. */
const STOP_GRACE_MS = 500;
/** Reading a whole image once takes seconds on a slow disk. */
const IMAGE_LIMIT_MS = 120_000;

/** From a record to a desktop that can be viewed. Everything made is on the session's undo stack; rejects with why it did not work. */
export async function bringUp(live: LiveSession, deps: BringUpDeps): Promise<void> {
  const { ledger, config } = deps;
  const image = await prepareImage(live, deps);
  const kernel = await findKernel(deps);
  await recordMachine(live, image.id, deps);
  const beginning = new Beginning(live, toConfig(live, config), deps.machinery.driver, deps.machinery.snapshots);
  await patiently(() => ledger.move(live.id, 'vm_creating', 'controller'), live.life.signal);
  let machine: LaidOutMachine;
  let running: Machine | undefined;
  const phases: (Pick<PhaseRun, 'name' | 'act' | 'record'> & { late: () => string; of?: string[] })[] = [
    {
      name: 'network',
      act: async () => {
        const body = toBody(live, { image, kernel }, config);
        machine = await layOut(live, body.runDir, (signal, progress) => beginning.start(body, signal, progress));
        await raiseNetwork(live, deps, () => machine.networkMade());
      },
      late: () => 'the network was not up',
    },
    {
      name: 'machine',
      act: async (signal) => void (running = await startMachine(live, machine, deps, signal)),
      record: () => recordProcess(running!, deps),
      late: () => 'the machine was not started',
    },
    {
      name: 'boot',
      act: (signal) => beginning.wake(signal).then(() => untilHello(live, signal)),
      late: () => 'the agent in the machine did not report',
      of: ['init', 'agent'],
    },
    { name: 'desktop', act: (signal) => untilDesktop(live, signal), late: () => explainServices(live.status.services, NEEDED_SERVICES) },
  ];
  for (const { name, act, record, late, of = [] } of phases) {
    const limitMs = config.timeoutMs[name] * (OF_THE_GUEST.includes(name) ? deps.machinery.driver.pace : 1);
    await runPhase(live, ledger, {
      name,
      act,
      record,
      limitMs,
      explainLate: () => explainLate(name, limitMs, late(), toTelling(live.console.lines, of)),
    });
  }
  await patiently(() => ledger.move(live.id, 'vm_created', 'controller'), live.life.signal);
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
async function recordMachine(live: LiveSession, image: string, { machinery, store, ledger }: BringUpDeps): Promise<void> {
  const { id, machineId, runDir, slot, undo, life } = live;
  const { name, isolation } = machinery.driver;
  const row = { machineId, sessionId: id, slot: slot.index, runDir, driver: name };
  await patiently(() => store.machines.insert(row, new Date().toISOString()), life.signal);
  undo.push('record', () => store.later.do('end of a machine', () => store.machines.remove(machineId)));
  await patiently(() => ledger.setMachine(id, { machineId, driver: name, isolation, image }), life.signal);
}

function recordProcess({ record }: Machine, { store }: BringUpDeps): void {
  store.machines.setProcess(record.machineId, record.pid, record.startTime);
}

async function raiseNetwork(live: LiveSession, { machinery, config }: BringUpDeps, onMade: () => void): Promise<void> {
  const { slot, machineId, undo } = live;
  const creating = machinery.createCloneNetwork(slot, onMade).catch(explain('network_failed', 'the network could not be made'));
  // One that could not be made left nothing; what is there then is another's.
  undo.push('network', () =>
    creating.then(
      () => machinery.removeCloneNetwork(slot),
      () => undefined,
    ),
  );
  await creating;

  const opening = machinery.openGuestListener(slot).catch(explain('network_failed', 'the guest endpoint could not be opened'));
  undo.push('guest endpoint', async () => (await opening.catch(() => undefined))?.());
  await opening;

  undo.push('egress', () => machinery.egress.close(slot));
  const lease = { machineId, ...(config.egressUpstream && { upstream: config.egressUpstream }) };
  await machinery.egress.open(slot, lease).catch(explain('network_failed', 'the way out could not be opened'));
}

async function startMachine(live: LiveSession, laidOut: LaidOutMachine, deps: BringUpDeps, signal: AbortSignal): Promise<Machine> {
  const { machinery, store, onFailure } = deps;
  const { machineId, runDir, undo } = live;
  const { driver } = machinery;

  // To the machine's very end: its last words are read, too.
  const watch = new AbortController();
  let watching = Promise.resolve();
  undo.push('console', () => {
    watch.abort();
    return watching;
  });

  const starting = laidOut.run(signal).catch(explain('machine_failed', 'the machine could not be started'));
  undo.push('machine', async () => {
    const machine = await starting.catch(() => undefined);
    await machine?.stop(STOP_GRACE_MS);
    await keepConsole(live, machinery, store);
    await driver.remove(machine?.record ?? { machineId, runDir });
  });
  const machine = await starting;
  watching = watchMachine(live, machine, machinery, onFailure, watch.signal);
  return machine;
}

async function untilHello({ guest }: LiveSession, signal: AbortSignal): Promise<void> {
  await until(guest.bell, () => guest.vncSecret, signal);
  signal.throwIfAborted();
}

async function untilDesktop(live: LiveSession, signal: AbortSignal): Promise<void> {
  const isReady = () => isDesktopReady(live.status.services);
  const crashing = () => findCrashLoop(live.status.services, NEEDED_SERVICES);
  await until(live.changed, () => isReady() || crashing() || undefined, signal);
  signal.throwIfAborted();
  const service = isReady() ? undefined : crashing();
  if (service) throw explainCrashLoop(service, live.console.lines);
}

/** The lines of those who should have done it, or all when they said nothing. */
function toTelling(lines: readonly string[], names: readonly string[]): readonly string[] {
  const theirs = linesOf(lines, names);
  return theirs.length > 0 ? theirs : lines;
}

/** Gives an error of below its code and its place in a person's words. */
function explain(code: string, what: string): (cause: unknown) => never {
  return (cause) => {
    throw new SessionFailure(code, `${what}: ${toMessage(cause)}`, { cause });
  };
}

/** That it was a machine that was not started, and which, the session knows already. */
function toMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof MachineStartFailed && error.cause ? toMessage(error.cause) : error.message;
}
