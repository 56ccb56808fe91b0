import type { Logger } from 'pino';
import { readFreeDescriptors } from '../host/descriptors.ts';
import { NEEDED_DESCRIPTORS } from '../sessions/room.ts';

const LOOK_EVERY_MS = 1_000;

/**
 * Says when the process may open (nearly) nothing more, and when it may again. Connections that cannot be accepted meanwhile are shed
 * below us: whoever makes them cannot be told. Gives its end.
 */
export function watchDescriptors(log: Pick<Logger, 'error' | 'info'>, read = readFreeDescriptors): () => void {
  let isShort = false;
  const look = () => {
    const free = read();
    if (isShort === free < NEEDED_DESCRIPTORS) return;
    isShort = !isShort;
    if (isShort) log.error({ free, needed: NEEDED_DESCRIPTORS }, 'file descriptors run out: no session starts (ulimit -n, LimitNOFILE)');
    else log.info({ free }, 'there are file descriptors again');
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}
