import type { ReasonCode } from '#contract/reason-code';
import { SessionFailure } from './errors.ts';

/** Times in ms. */
export interface Limits {
  heartbeat: number;
  session: number;
  /** 0 when a session may be idle for as long as it is looked at. */
  idle: number;
}

export interface Deadlines {
  /** Puts the end for want of a viewer off again. */
  heartbeat(): void;
  /** The same of the end for want of input. It does not count before the first time: an older guest never tells of any. */
  input(): void;
  clear(): void;
}

/** Timers of Node run on the kernel's monotonic clock: no jump of the host's time reaches them. Tests have their own. */
export interface Timers {
  start(ms: number, act: () => void): { again(): void; stop(): void };
}

/**
 * Ends a session that nobody looks at, one that nobody uses, and one that is too old; all of it in memory, whatever the database does.
 * `age` is what it has lived before, under another controller, ms: pages had nobody to tell that they look, so that time begins anew.
 */
export function startDeadlines(
  limits: Limits,
  onPassed: (reason: SessionFailure) => void,
  { age = 0, timers = NODE_TIMERS }: { age?: number; timers?: Timers } = {},
): Deadlines {
  const start = (ms: number, code: ReasonCode, message: string) => timers.start(ms, () => onPassed(new SessionFailure(code, message)));
  const unwatched = start(limits.heartbeat, 'heartbeat_lost', `no page showed it for ${toWords(limits.heartbeat)}`);
  const old = timers.start(Math.max(0, limits.session - age), () => onPassed(new SessionFailure(TOO_OLD, explainAge(limits.session))));
  let unused: ReturnType<Timers['start']> | undefined;
  let isOver = false;
  return {
    heartbeat: () => unwatched.again(),
    input() {
      if (limits.idle === 0 || isOver) return;
      if (unused) unused.again();
      else unused = start(limits.idle, 'session_idle', `nobody used it for ${toWords(limits.idle)}`);
    },
    clear() {
      isOver = true;
      for (const timer of [unwatched, old, unused]) timer?.stop();
    },
  };
}

/** Also said of a machine that its shim has ended, while no controller was there. */
export const TOO_OLD = 'session_too_old';

export function explainAge(limitMs: number): string {
  return `it has run for ${toWords(limitMs)}, the longest allowed`;
}
const NODE_TIMERS: Timers = {
  start(ms, act) {
    const timer = setTimeout(act, ms);
    return {
      // A timer that is cleared or has passed must not be started again by refresh().
      again: () => void (timer.hasRef() && timer.refresh()),
      stop: () => clearTimeout(timer),
    };
  },
};

function toWords(ms: number): string {
  return ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${ms / 1000} s`;
}
