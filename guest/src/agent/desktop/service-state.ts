import type { ServiceState } from '#contract/guest';

/** Fields that `s6-svstat` is asked for, and their order in what it prints. */
export const SVSTAT_FIELDS = 'up,ready';
const REASON_MAX = 500;

export type Phase = ServiceState['state'];

/** `true false` → starting. */
export function parseSvstat(text: string): Phase {
  const [up, ready] = text.trim().split(' ');
  if (up !== 'true') return 'down';
  return ready === 'true' ? 'ready' : 'starting';
}

/** What the finish script left: how often the service ended, how often in a row, exit code, signal; then its last line. */
export interface Ending {
  count: number;
  code: number;
  signal: number;
  lastLine: string;
}

export function parseEnding(text: string): Ending | undefined {
  const [numbers = '', lastLine = ''] = text.split('\n');
  const [count, streak, code, signal] = numbers.split(' ').map(Number);
  if ([count, streak, code, signal].some((value) => !Number.isInteger(value))) return undefined;
  return { count: count!, code: code!, signal: signal!, lastLine };
}

/** `exit code 1: Cannot open display`. s6 says 256 for a service that a signal ended. */
export function toEndingReason({ code, signal, lastLine }: Ending): string {
  const how = code > 255 ? `signal ${signal}` : `exit code ${code}`;
  return (lastLine ? `${how}: ${lastLine}` : how).slice(0, REASON_MAX);
}
