import { RequestError } from 'proxy-chain';
import type { RefusalKind } from './refused-kinds.ts';

/** A target that a clone may not reach; the message is for whoever is at the desktop. */
export class Refused extends RequestError {
  readonly kind: RefusalKind;
  constructor(kind: RefusalKind, message: string, statusCode = 403, headers?: Record<string, string>) {
    super(message, statusCode, headers);
    this.kind = kind;
  }
}
