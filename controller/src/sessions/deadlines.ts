import { SessionFailure } from './errors.ts';

export interface Deadlines {
  /** Puts the end for want of a viewer off again. */
  heartbeat(): void;
  clear(): void;
}

/** Ends a session that nobody looks at, and one that is too old. Times in ms. */
export function startDeadlines(limits: { heartbeat: number; session: number }, onPassed: (reason: SessionFailure) => void): Deadlines {
  const pass = (code: string, message: string) => () => onPassed(new SessionFailure(code, message));
  const unwatched = setTimeout(pass('heartbeat_lost', `no page showed it for ${toWords(limits.heartbeat)}`), limits.heartbeat);
  const old = setTimeout(pass('session_too_old', `it has run for ${toWords(limits.session)}, the longest allowed`), limits.session);
  return {
    // A timer that is cleared or has passed must not be started again by refresh().
    heartbeat: () => void (unwatched.hasRef() && unwatched.refresh()),
    clear: () => [unwatched, old].forEach((timer) => clearTimeout(timer)),
  };
}

function toWords(ms: number): string {
  return ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${ms / 1000} s`;
}
