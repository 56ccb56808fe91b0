import { pino } from 'pino';

/** Of lines that could not be written yet. */
const KEPT_BYTES = 1 << 20;

/**
 * Where a process's log goes: a file descriptor. Lines for which there is no room, as on a full disk, are kept until there is, and the latest
 * are lost when there are too many: nothing else may come to harm for want of a log.
 */
export function openLogDestination(fd: number) {
  const destination = pino.destination({ dest: fd, sync: true, maxLength: KEPT_BYTES });
  destination.on('error', () => undefined);
  return destination;
}
