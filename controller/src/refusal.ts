import type { ErrorCode } from '#contract/error-code';

/** A request that is answered with no: what a caller can act on. `code` is stable, the message is for people. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal';
  readonly statusCode: number;
  readonly code: ErrorCode;
  /** Seconds, for the `Retry-After` header of a 429 or 503. */
  readonly retryAfterSeconds: number | undefined;

  constructor(statusCode: number, code: ErrorCode, message: string, options: { retryAfterSeconds?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.statusCode = statusCode;
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
