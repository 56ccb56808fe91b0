import type { ReasonCode } from '#contract/reason-code';
import { MachineStartFailed } from '../machines/driver.ts';
import { SessionFailure } from './errors.ts';

/** Gives an error of below its code and its place in a person's words. */
export function explain(code: ReasonCode, what: string): (cause: unknown) => never {
  return (cause) => {
    throw new SessionFailure(code, `${what}: ${toMessage(cause)}`, { cause });
  };
}

/** That it was a machine that was not started, and which, the session knows already. */
function toMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof MachineStartFailed && error.cause ? toMessage(error.cause) : error.message;
}
