/** Why a capture ended. Only `stopped` was asked for; what to do about the others is the caller's decision. */
export type EndReason =
  | 'stopped'
  | 'not-started'
  | 'display-closed'
  | 'display-unsupported'
  | 'display-gone'
  | 'encoder'
  | 'system'
  | 'broken-records'
  | 'crashed';

export interface CaptureEnd {
  reason: EndReason;
  /** For people: the program's own last line where there is one. */
  message: string;
}

/** Codes of guest/native/src/fail.h. */
const REASONS: Record<number, EndReason> = {
  10: 'display-closed',
  11: 'display-unsupported',
  12: 'display-gone',
  13: 'encoder',
  14: 'system',
};

/** Says why from how the process ended. */
export function toEnd(code: number | null, signal: string | null, lastLine: string, asked: boolean): CaptureEnd {
  if (code === 0 || asked) return { reason: 'stopped', message: 'stopped' };
  const reason = REASONS[code ?? -1] ?? 'crashed';
  return { reason, message: lastLine || `oriel-capture ended with ${signal ?? `code ${code}`}` };
}
