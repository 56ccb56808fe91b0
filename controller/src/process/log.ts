import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { openLogDestination } from '../host/log-destination.ts';

/**
 * Logs go to standard error: what `up` prints on standard output is its product. Pretty only on a terminal; elsewhere a line is JSON, with
 * a time and a level that a person reads, too.
 */
export function createLog(level: string, isTty: boolean): Logger {
  const options = { level, redact: { paths: SECRETS, censor: '[secret]' } };
  if (!isTty) return pino({ ...options, ...READABLE }, openLogDestination(2));
  return pino(options, pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l', singleLine: true }));
}

const READABLE = { timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level: string) => ({ level }) } };

/** Nothing logs these on purpose. */
const NAMES = ['authorization', 'token', 'secret', 'vncSecret', 'configArg', 'upstream'];
const SECRETS = NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]).concat(['err.config', '*["sec-websocket-protocol"]']);
