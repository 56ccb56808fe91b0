import type { ApiError } from '#contract/session';

/**
 * Every way in which a call can fail. `status` is the HTTP status, or 0 when no answer came; `code` is stable (`session_not_found`,
 * or the client's own `unreachable`, `not_json`), `message` is for people.
 */
export class OrielError extends Error {
  override readonly name = 'OrielError';
  readonly status: number;
  readonly code: string;
  /** Of a 400: each wrong field. */
  readonly fields: { path: string; message: string }[];

  constructor(status: number, code: string, message: string, more: { fields?: { path: string; message: string }[]; cause?: unknown } = {}) {
    super(message, { cause: more.cause });
    this.status = status;
    this.code = code;
    this.fields = more.fields ?? [];
  }

  /** The same call may work later: nothing answered, or what stands before the controller did, or it was too much at once. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** The error that a reply which is not 2xx tells of. Anything that is not the controller's own shape is named by its status. */
export function toOrielError(status: number, body: unknown): OrielError {
  const error = (body as Partial<ApiError> | null)?.error;
  if (typeof error?.code !== 'string' || typeof error.message !== 'string') {
    return new OrielError(status, `http_${status}`, `The server answered ${status}`);
  }
  return new OrielError(status, error.code, error.message, error.fields ? { fields: error.fields } : {});
}
