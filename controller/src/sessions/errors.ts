import type { ReasonCode } from '#contract/reason-code';
import { Refusal } from '../refusal.ts';

export class SessionNotFound extends Refusal {
  override readonly name = 'SessionNotFound';
  constructor(id: string) {
    super(404, 'session_not_found', `there is no session ${id}, or it is not yours`);
  }
}

export class SessionOver extends Refusal {
  override readonly name = 'SessionOver';
  constructor(id: string, status: string) {
    super(410, 'session_over', `the session ${id} is ${status}`);
  }
}

export class SessionNotReady extends Refusal {
  override readonly name = 'SessionNotReady';
  constructor(id: string, status: string) {
    super(409, 'session_not_ready', `the session ${id} is ${status}: its desktop cannot be viewed yet`);
  }
}

/** Its machine is left alone: this controller could not tell what it is. */
export class SessionUnattended extends Refusal {
  override readonly name = 'SessionUnattended';
  constructor(id: string) {
    super(503, 'session_unattended', `the controller cannot reach the machine of the session ${id}; its log says why`, {
      retryAfterSeconds: 15,
    });
  }
}

export class IdempotencyKeyReused extends Refusal {
  override readonly name = 'IdempotencyKeyReused';
  constructor() {
    super(409, 'idempotency_key_reused', 'this Idempotency-Key was used for another userId, provider or egress');
  }
}

export class ViewerRevoked extends Refusal {
  override readonly name = 'ViewerRevoked';
  constructor() {
    super(401, 'viewer_revoked', 'the access to this desktop was taken back');
  }
}

export class NothingToRestore extends Refusal {
  override readonly name = 'NothingToRestore';
  constructor(userId: string, provider: string) {
    super(409, 'nothing_to_restore', `there are no credentials of ${userId} for ${provider}: start without restore`);
  }
}

/** What one user may have at a time; others are not concerned. */
export class UserFull extends Refusal {
  override readonly name = 'UserFull';
  constructor(most: number) {
    super(429, 'user_full', `this user has ${most} sessions, as many as one may: end one`, { retryAfterSeconds: 15 });
  }
}

export class HostFull extends Refusal {
  override readonly name = 'HostFull';
  /** What it lacks: slots, memory or cpu. */
  readonly of: string;
  constructor(of: string, message: string) {
    super(503, 'host_full', message, { retryAfterSeconds: 15 });
    this.of = of;
  }
}

/** An operator has taken it out of service. */
export class HostDraining extends Refusal {
  override readonly name = 'HostDraining';
  constructor(why: string) {
    super(503, 'host_draining', `${why}; sessions that run go on`, { retryAfterSeconds: 60 });
  }
}

export class DiskFull extends Refusal {
  override readonly name = 'DiskFull';
  constructor(freeMib: number, neededMib: number) {
    super(503, 'host_disk_full', `the host's disk is full: ${freeMib} MiB are free, ${neededMib} are needed`, { retryAfterSeconds: 60 });
  }
}

export class NoDescriptors extends Refusal {
  override readonly name = 'NoDescriptors';
  constructor(free: number, needed: number) {
    const words = `the controller may open ${free} files and sockets more, ${needed} are needed: raise its limit (ulimit -n, LimitNOFILE)`;
    super(503, 'host_no_descriptors', words, { retryAfterSeconds: 15 });
  }
}

export class Closing extends Refusal {
  override readonly name = 'Closing';
  constructor() {
    super(503, 'closing', 'the controller is going down', { retryAfterSeconds: 15 });
  }
}

/** Machines of the warm pool have reasons of their own: no session is told them. */
export type FailureCode = ReasonCode | `warm_${string}`;

/** Why a session ended, in words that a person understands. `code` is stable. */
export class SessionFailure extends Error {
  override readonly name = 'SessionFailure';
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
