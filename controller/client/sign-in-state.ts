import { OrielError, type OrielErrorCode } from './error.ts';
import type { ReasonCode, Session, SessionStarted } from './types.ts';
import { isOver } from './viewer-client.ts';

/**
 * Why a sign-in came to nothing, as far as a page says different things of it:
 *
 *   no_address             every address that users leave by is taken (the operator's proxy pool is exhausted)
 *   no_capacity            the host is full, or this user has as many sessions as one may
 *   timed_out              something took too long, or it was left unused
 *   closed                 it was ended: by the page's own close(), or by whoever else may
 *   left                   no page showed it any more
 *   denied, code_expired   the person or the provider said no; a code or page was too old
 *   cancelled              the tool ended, or its terminal was closed, without a sign-in
 *   tool_missing, tool_crashed, page_unreachable, credentials_malformed: docs/sign-in.md
 *   nothing_to_restore     there is nothing to give back: begin without `restore`
 *   refused                the product's or the controller's key or link is not good (any more)
 *   unreachable            nothing answered
 *   desktop_failed         everything else
 */
export type SignInFailureKind =
  | 'no_address'
  | 'no_capacity'
  | 'timed_out'
  | 'closed'
  | 'left'
  | 'denied'
  | 'code_expired'
  | 'cancelled'
  | 'tool_missing'
  | 'tool_crashed'
  | 'page_unreachable'
  | 'credentials_malformed'
  | 'nothing_to_restore'
  | 'refused'
  | 'unreachable'
  | 'desktop_failed';

/** `message` is the controller's own, for whoever wants to know more: several lines, where a tool has said something. */
export type SignInFailure = { kind: SignInFailureKind; code: string; message: string };

/** What the page needs of a session that its back end has started. */
export type Begun = Pick<SessionStarted, 'sessionId'> & { viewer: Pick<SessionStarted['viewer'], 'token'> };

/**
 *   choosing ──► starting ──► live ──► completed
 *                    └──────────┴────► failed
 *
 * `starting` has a desktop as soon as there is a session: the element shows how far it is.
 */
export type SignInState =
  | { phase: 'choosing' }
  | { phase: 'starting' | 'live' | 'completed'; provider: string; begun?: Begun | undefined }
  | { phase: 'failed'; provider: string; failure: SignInFailure };

export type SignInAction =
  | { type: 'start'; provider: string }
  | { type: 'begun'; begun: Begun }
  | { type: 'session'; session: Pick<Session, 'sessionId' | 'status' | 'reason'> }
  | { type: 'failed'; failure: SignInFailure }
  | { type: 'reset' };

export const CHOOSING: SignInState = { phase: 'choosing' };

/** The state after something has happened. What comes late, of a session that is not this one or when all is over, changes nothing. */
export function toNextState(state: SignInState, action: SignInAction): SignInState {
  if (action.type === 'reset') return CHOOSING;
  if (action.type === 'start') return { phase: 'starting', provider: action.provider };
  if (state.phase !== 'starting' && state.phase !== 'live') return state;
  const { provider } = state;
  if (action.type === 'failed') return { phase: 'failed', provider, failure: action.failure };
  if (action.type === 'begun') return { ...state, begun: action.begun };
  const { session } = action;
  if (session.sessionId !== state.begun?.sessionId) return state;
  if (session.status === 'completed') return { ...state, phase: 'completed' };
  if (isOver(session)) return { phase: 'failed', provider, failure: toEnd(session) };
  return session.status === 'vm_created' || session.status === 'authenticating' ? { ...state, phase: 'live' } : state;
}

/** Why a session is over that has not completed. */
export function toEnd({ status, reason }: Pick<Session, 'status' | 'reason'>): SignInFailure {
  const { code = status, message = `The session is ${status}` } = reason ?? {};
  const known = BY_REASON[code as ReasonCode];
  return { kind: known ?? (status === 'stopped' ? 'closed' : status === 'expired' ? 'timed_out' : 'desktop_failed'), code, message };
}

/** What it means for the sign-in that a call has failed. */
export function toFailure(error: unknown): SignInFailure {
  if (!(error instanceof OrielError)) return { kind: 'unreachable', code: 'unreachable', message: String(error) };
  const { status, code, message } = error;
  const kind = BY_CODE[code] ?? (status === 0 ? 'unreachable' : [401, 403, 404].includes(status) ? 'refused' : 'desktop_failed');
  return { kind, code, message };
}

const BY_CODE: Partial<Record<OrielErrorCode, SignInFailureKind>> = {
  egress_exhausted: 'no_address',
  host_full: 'no_capacity',
  host_draining: 'no_capacity',
  host_disk_full: 'no_capacity',
  host_no_descriptors: 'no_capacity',
  user_full: 'no_capacity',
  too_many_requests: 'no_capacity',
  nothing_to_restore: 'nothing_to_restore',
  session_over: 'closed',
};

/** All of them: a new one is an error of the compiler's here. */
const BY_REASON: Record<ReasonCode, SignInFailureKind> = {
  signed_in: 'desktop_failed',
  login_denied: 'denied',
  code_expired: 'code_expired',
  login_cancelled: 'cancelled',
  cli_missing: 'tool_missing',
  cli_crashed: 'tool_crashed',
  page_unreachable: 'page_unreachable',
  credentials_malformed: 'credentials_malformed',
  user_left: 'left',
  heartbeat_lost: 'left',
  stopped_by_request: 'closed',
  session_idle: 'timed_out',
  session_too_old: 'timed_out',
  image_timed_out: 'timed_out',
  network_timed_out: 'timed_out',
  machine_timed_out: 'timed_out',
  boot_timed_out: 'timed_out',
  desktop_timed_out: 'timed_out',
  claim_timed_out: 'timed_out',
  host_disk_full: 'no_capacity',
  host_no_descriptors: 'no_capacity',
  network_failed: 'desktop_failed',
  kernel_unusable: 'desktop_failed',
  image_unusable: 'desktop_failed',
  machine_failed: 'desktop_failed',
  claim_failed: 'desktop_failed',
  machine_fatal: 'desktop_failed',
  machine_exited: 'desktop_failed',
  service_crash_loop: 'desktop_failed',
  store_busy: 'desktop_failed',
  store_full: 'desktop_failed',
  store_failed: 'desktop_failed',
  controller_stopped: 'desktop_failed',
  controller_restarted: 'desktop_failed',
  restarted_too_often: 'desktop_failed',
  internal: 'desktop_failed',
};
