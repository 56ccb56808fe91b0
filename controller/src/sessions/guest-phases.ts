import type { PhaseName } from '#contract/session';
import { until } from '../signal/bell.ts';
import type { BringUpDeps } from './bring-up.ts';
import type { LiveMachine } from './live-machine.ts';
import { runPhase, type PhaseBook, type PhaseRun } from './phase.ts';
import { isDesktopReady, NEEDED_SERVICES } from './readiness.ts';
import { explainCrashLoop, explainLate, explainServices, findCrashLoop, linesOf } from './reason.ts';

export interface PhasePlan extends Pick<PhaseRun, 'act' | 'startedAt' | 'record'> {
  name: PhaseName;
  /** What has not happened when the limit has passed. */
  late: () => string;
  /** Whose lines of the console tell why. */
  of?: string[];
}

/** Phases in which the guest's own processors work. */
const OF_THE_GUEST: readonly PhaseName[] = ['boot', 'desktop'];

/** Runs phases one after the other, each within its limit. Rejects with the reason of the first that fails. */
export async function runPhases(
  live: LiveMachine,
  book: PhaseBook,
  { config, machinery }: Pick<BringUpDeps, 'config' | 'machinery'>,
  phases: readonly PhasePlan[],
): Promise<void> {
  for (const { name, act, startedAt, record, late, of = [] } of phases) {
    const limitMs = config.timeoutMs[name === 'claim' ? 'desktop' : name] * (OF_THE_GUEST.includes(name) ? machinery.driver.pace : 1);
    const explainIt = () => explainLate(name, limitMs, late(), toTelling(live.console.lines, of));
    await runPhase(live, book, { name, act, startedAt, record, limitMs, explainLate: explainIt });
  }
}

/** What a machine that was started has to do by itself. `wake` tells it who it is, where it does not know yet. */
export function guestPhases(live: LiveMachine, wake: (signal: AbortSignal) => Promise<void> = async () => undefined): PhasePlan[] {
  return [
    {
      name: 'boot',
      act: (signal) => wake(signal).then(() => untilHello(live, signal)),
      late: () => 'the agent in the machine did not report',
      of: ['init', 'agent'],
    },
    { name: 'desktop', act: (signal) => untilDesktop(live, signal), late: () => explainServices(live.status.services, NEEDED_SERVICES) },
  ];
}

async function untilHello({ guest }: LiveMachine, signal: AbortSignal): Promise<void> {
  await until(guest.bell, () => guest.isKnown || undefined, signal);
  signal.throwIfAborted();
}

/** The desktop's services are ready. Rejects when one of them never will be. */
export async function untilDesktop(live: LiveMachine, signal: AbortSignal): Promise<void> {
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
