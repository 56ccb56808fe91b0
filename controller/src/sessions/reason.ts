import { FATAL_PREFIX, type ServiceState } from '#contract/guest';
import type { PhaseName, Session } from '#contract/session';
import type { MachineExit } from '../machines/driver.ts';
import { isStoreError, StoreUnavailable } from '../store/errors.ts';
import { TOO_OLD } from './deadlines.ts';
import { SessionFailure } from './errors.ts';
import type { Reason } from './ledger.ts';

/** X says what is wrong eight lines before its last, Node five. */
const LAST_LINES = 10;
const LINE_MAX = 200;
/** A service that ended so often on its way up will not come up. The guest waits 1, 1, 2 and 4 s in between. */
const CRASHES_MAX = 4;

/** Only these speak for the machine: what a program of the desktop writes comes under another name. */
const FATAL = new RegExp(`^(?:(?:init|agent): )?${FATAL_PREFIX}(.*)$`);

/** The machine's own last word in a line of its console. */
export function toFatal(line: string): string | undefined {
  return FATAL.exec(line.trimEnd())?.[1];
}

/** A machine that ended by itself: what it said last, or else how it ended. */
export function explainExit(exit: MachineExit, lines: readonly string[]): SessionFailure {
  if (exit.isTooOld) return new SessionFailure(TOO_OLD, `the machine is gone: ${exit.reason}`);
  const fatal = lines.map(toFatal).findLast((word) => word !== undefined);
  if (fatal !== undefined) return new SessionFailure('machine_fatal', fatal);
  return new SessionFailure(
    'machine_exited',
    withLastLines(`the machine is gone: ${exit.reason}`, exit.reason.startsWith('panic: ') ? withoutTrace(lines) : lines),
  );
}

/** What a kernel writes after its panic is where it was in its own code. */
function withoutTrace(lines: readonly string[]): readonly string[] {
  const panic = lines.findIndex((line) => line.includes('Kernel panic - not syncing: '));
  return panic < 0 ? lines : lines.slice(0, panic + 1);
}

/** An error that nobody foresaw. What an operator can do something about is named; of the rest the log knows more. */
export function toFailure(error: unknown): SessionFailure {
  if (error instanceof SessionFailure) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new SessionFailure('host_disk_full', `the host's disk is full: ${message}`, { cause: error });
  if (code === 'EMFILE' || code === 'ENFILE')
    return new SessionFailure('host_no_descriptors', `the controller has no file descriptors left: ${message}`, { cause: error });
  if (error instanceof StoreUnavailable) return new SessionFailure(error.code, message, { cause: error });
  if (isStoreError(error))
    return new SessionFailure('store_failed', `the controller cannot write to its database: ${message}`, { cause: error });
  return new SessionFailure('internal', 'the controller made a mistake; its log says more', { cause: error });
}

/**
 * A session whose time for something has passed. In the midst of a sign-in, that nobody looks at it means that the person has left.
 * `read` may throw, as a database can be held: an end comes in any case.
 */
export function explainPassed({ code, message }: SessionFailure, read: () => Pick<Session, 'status'>): Reason {
  try {
    if (code === 'heartbeat_lost' && read().status === 'authenticating')
      return { code: 'user_left', message: `the sign-in was left: ${message}` };
  } catch {
    // It is told as what it is in any case.
  }
  return { code, message };
}

/** A phase that took too long. */
export function explainLate(phase: PhaseName, limitMs: number, detail: string, lines: readonly string[]): SessionFailure {
  return new SessionFailure(`${phase}_timed_out`, withLastLines(`${detail} within ${limitMs / 1000} s`, lines));
}

/** Services of the desktop that are not ready, with what is known of each. */
export function explainServices(services: readonly ServiceState[], needed: readonly string[]): string {
  const missing = needed.filter((name) => services.find((service) => service.name === name)?.state !== 'ready');
  const words = missing.map((name) =>
    toWords(
      name,
      services.find((service) => service.name === name),
    ),
  );
  return `the desktop was not ready (${words.join('; ')})`;
}

/** The needed service that keeps ending before it is ready, if there is one. */
export function findCrashLoop(services: readonly ServiceState[], needed: readonly string[]): ServiceState | undefined {
  return services
    .filter(({ name, state, restarts }) => needed.includes(name) && state !== 'ready' && restarts >= CRASHES_MAX)
    .sort((a, b) => b.restarts - a.restarts)[0];
}

export function explainCrashLoop({ name, restarts, reason }: ServiceState, lines: readonly string[]): SessionFailure {
  const message = `the service ${name} ended ${restarts} times and was never ready${reason ? `: ${reason}` : ''}`;
  return new SessionFailure('service_crash_loop', withLastLines(message, linesOf(lines, [name])));
}

/** What these services (or `init`) wrote on the console. */
export function linesOf(lines: readonly string[], names: readonly string[]): string[] {
  return lines.filter((line) => {
    const [, name = '', words = ''] = /^([a-z0-9-]+): (.*)$/.exec(line) ?? [];
    // Xorg frames what it says with empty lines of its own.
    return names.includes(name) && !/^(\(EE\))?\s*$/.test(words);
  });
}

function toWords(name: string, service: ServiceState | undefined): string {
  if (!service) return `${name} was never heard of`;
  const restarts = service.restarts > 0 ? `, ${service.restarts} restarts` : '';
  return `${name} is ${service.state}${restarts}${service.reason ? `: ${service.reason}` : ''}`;
}

function withLastLines(message: string, lines: readonly string[]): string {
  const last = lines
    .map((line) => line.trimEnd().slice(0, LINE_MAX))
    .filter(Boolean)
    .slice(-LAST_LINES);
  return last.length === 0 ? `${message}; its console is empty` : `${message}; its last lines:\n${last.join('\n')}`;
}
