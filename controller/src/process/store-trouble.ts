import type { Logger } from 'pino';
import type { OnTrouble } from '../store/later.ts';

/** Says what waits to be written down, or never can be. */
export function toTroubleLog(log: Pick<Logger, 'warn' | 'error'>): OnTrouble {
  return (error, what, isLost) => {
    if (isLost) log.error({ err: error, what }, 'this cannot be written down');
    else log.warn({ reason: (error as Error).message, what }, 'this is written down later');
  };
}
