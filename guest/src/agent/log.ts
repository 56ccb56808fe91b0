import { pino, type Logger } from 'pino';

export type Log = Logger;

/** pino's log, one plain line each: what operators read is the machine's console. */
export function createLog(write: (line: string) => void = (line) => void process.stdout.write(line)): Log {
  const formatted = { write: (json: string) => write(toLine(JSON.parse(json) as Record<string, unknown>)) };
  return pino({ base: null, timestamp: false, formatters: { level: (level) => ({ level }) }, serializers: { err: toReason } }, formatted);
}

/** `warn: peer closed peer=p1 reason="nothing heard"`. */
export function toLine({ level, msg, ...fields }: Record<string, unknown>): string {
  const words = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value)}`,
  );
  return `${level === 'info' ? '' : `${String(level)}: `}${String(msg)}${words.join('')}\n`;
}

/** An error and its causes in one line: `fetch failed: connect ECONNREFUSED …`. */
export function toReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const words = error.message || (error as NodeJS.ErrnoException).code || error.name;
  return error.cause === undefined ? words : `${words}: ${toReason(error.cause)}`;
}
