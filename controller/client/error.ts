import type { ApiError, ErrorCode } from './types.ts';

export type OrielErrorCode = ErrorCode | OwnCode | `http_${number}`;
/** Nothing answered; what answered was no JSON; a page was given an API key, or no session or token. */
type OwnCode = 'unreachable' | 'not_json' | 'api_key_in_page' | 'no_session' | 'no_token' | 'refused';

type More = { fields?: { path: string; message: string }[]; cause?: unknown; retryAfterSeconds?: number | undefined };

/**
 * Every way in which a call can fail. `status` is the HTTP status, or 0 when no answer came; `code` is stable, `message` is for
 * people. What a caller acts on has a class of its own, below.
 */
export class OrielError extends Error {
  override readonly name: string = 'OrielError';
  readonly status: number;
  readonly code: OrielErrorCode;
  /** Of a 400: each wrong field. */
  readonly fields: { path: string; message: string }[];
  /** Of a 429 or 503: after so many seconds it may be another answer. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: OrielErrorCode, message: string, { fields = [], cause, retryAfterSeconds }: More = {}) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** The same call may work later: nothing answered, or what stands before the controller did, or it was too much at once. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** No answer came. */
export class Unreachable extends OrielError {
  override readonly name = 'Unreachable';
}
/** 400: the request is wrong; `fields` says where. */
export class InvalidRequest extends OrielError {
  override readonly name = 'InvalidRequest';
}
/** 401 and 403: key or token is missing, wrong, too old, revoked, or not enough for this. */
export class NotAllowed extends OrielError {
  override readonly name = 'NotAllowed';
}
/** There is no such session, or it is another owner's. */
export class SessionNotFound extends OrielError {
  override readonly name = 'SessionNotFound';
}
export class SessionOver extends OrielError {
  override readonly name = 'SessionOver';
}
/** Of the operator's upstream proxies none is free for this user. */
export class EgressExhausted extends OrielError {
  override readonly name = 'EgressExhausted';
}
/** The host has no room for one more session, or this user has as many as one may. */
export class NoCapacity extends OrielError {
  override readonly name = 'NoCapacity';
}

const BY_CODE: Partial<Record<OrielErrorCode, typeof OrielError>> = {
  unreachable: Unreachable,
  session_not_found: SessionNotFound,
  session_over: SessionOver,
  egress_exhausted: EgressExhausted,
  host_full: NoCapacity,
  host_draining: NoCapacity,
  host_disk_full: NoCapacity,
  host_no_descriptors: NoCapacity,
  user_full: NoCapacity,
};
const BY_STATUS: Record<number, typeof OrielError> = { 400: InvalidRequest, 401: NotAllowed, 403: NotAllowed };

/** An error of the class that its code has, or its status. */
export function newOrielError(status: number, code: OrielErrorCode, message: string, more: More = {}): OrielError {
  return new (BY_CODE[code] ?? BY_STATUS[status] ?? OrielError)(status, code, message, more);
}

/** The error that a reply which is not 2xx tells of. Anything that is not the controller's own shape is named by its status. */
export function toOrielError(status: number, body: unknown, retryAfter: string | null = null): OrielError {
  const seconds = Number(retryAfter ?? NaN);
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : undefined;
  const error = (body as Partial<ApiError> | null | undefined)?.error;
  if (typeof error?.code !== 'string' || typeof error.message !== 'string')
    return newOrielError(status, `http_${status}`, `The server answered ${status}`, { retryAfterSeconds });
  return newOrielError(status, error.code, error.message, { ...(error.fields && { fields: error.fields }), retryAfterSeconds });
}
