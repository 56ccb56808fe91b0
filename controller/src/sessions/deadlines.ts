import { SessionFailure } from './errors.ts';

export interface Deadlines {
  /** Puts the end for want of a viewer off again. */
  heartbeat(): void;
  clear(): void;
}

/**
 * Ends a session that nobody looks at, and one that is too old. Times in ms; `age` is what it has lived before, under another controller:
 * pages had nobody to tell that they look, so that time begins anew.
 */
export function startDeadlines(
  limits: { heartbeat: number; session: number },
  onPassed: (reason: SessionFailure) => void,
  age = 0,
): Deadlines {
  const pass = (code: string, message: string) => () => onPassed(new SessionFailure(code, message));
  const unwatched = setTimeout(pass('heartbeat_lost', `no page showed it for ${toWords(limits.heartbeat)}`), limits.heartbeat);
  const old = setTimeout(pass(TOO_OLD, explainAge(limits.session)), Math.max(0, limits.session - age));
  return {
    // A timer that is cleared or has passed must not be started again by refresh().
    heartbeat: () => void (unwatched.hasRef() && unwatched.refresh()),
    clear: () => [unwatched, old].forEach((timer) => clearTimeout(timer)),
  };
}

/** Also said of a machine that its shim has ended, while no controller was there. */
export const TOO_OLD = 'session_too_old';

export function explainAge(limitMs: number): string {
  return `it has run for ${toWords(limitMs)}, the longest allowed`;
}

function toWords(ms: number): string {
  return ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${ms / 1000} s`;
}
