import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { openLogDestination } from '../host/log-destination.ts';
import { withoutSecrets } from './without-secrets.ts';

/**
 * Logs go to standard error: what `up` prints on standard output is its product. Pretty only on a terminal; elsewhere a line is JSON, with
 * a time and a level that a person reads, too.
 */
export function createLog(level: string, isTty: boolean): Logger {
  const options = { level, redact: { paths: SECRETS, censor: '[secret]' }, hooks: { streamWrite: withoutSecrets } };
  if (!isTty) return pino({ ...options, ...READABLE }, openLogDestination(2));
  return pino(options, pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l', singleLine: true }));
}

const READABLE = { timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level: string) => ({ level }) } };

/** Nothing logs these on purpose. */
const NAMES = ['authorization', 'cookie', 'password', 'token', 'secret', 'vncSecret', 'startUpKey', 'apiKey', 'configArg', 'upstream'];
const SECRETS = NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]).concat([
  'err.config',
  ...['', '*.', '*.*.'].map((path) => `${path}["sec-websocket-protocol"]`),
]);
