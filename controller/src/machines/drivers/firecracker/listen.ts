import type { Logger } from 'pino';
import { toTalkPaths } from './paths.ts';
import { addNumbers, parseMetrics, type VmmNumbers } from './metrics.ts';
import { readPipe } from './pipe.ts';

/** A guest can make Firecracker warn as often as it likes. */
const MAX_LINES_PER_MINUTE = 20;
const MAX_LINE_CHARACTERS = 500;

export interface Ear {
  log: Logger;
  /** What all machines came to; added to. */
  totals: VmmNumbers;
}

/** Takes a Firecracker's log and metrics into ours until it ends, or `signal` aborts. Never throws: a machine without them is a machine. */
export async function listenTo(machineId: string, runDir: string, { log, totals }: Ear, signal: AbortSignal): Promise<void> {
  const { log: logPipe, metrics } = toTalkPaths(runDir);
  const deaf = (err: unknown) => log.warn({ err, machine: machineId }, 'firecracker cannot be listened to');
  const say = createSayer(machineId, log);
  await Promise.all([
    readPipe(logPipe, say, signal).catch(deaf),
    readPipe(metrics, (line) => takeMetrics(machineId, line, { log, totals }), signal).catch(deaf),
  ]);
}

function takeMetrics(machine: string, line: string, { log, totals }: Ear): void {
  const numbers = parseMetrics(line);
  if (!numbers) return;
  addNumbers(totals, numbers);
  if (numbers['seccomp.num_faults'] || numbers['vcpu.failures']) log.error({ machine, numbers }, 'firecracker had a fault');
  else log.debug({ machine, numbers }, 'firecracker metrics');
}

/** Logs lines, but so many in a minute, and says how many it left out. */
export function createSayer(machine: string, log: Pick<Logger, 'warn'>, now = () => performance.now()): (line: string) => void {
  let since = -Infinity;
  let count = 0;
  return (line) => {
    if (now() - since >= 60_000) {
      if (count > MAX_LINES_PER_MINUTE) log.warn({ machine, lines: count - MAX_LINES_PER_MINUTE }, 'firecracker said more than is kept');
      since = now();
      count = 0;
    }
    count += 1;
    if (count <= MAX_LINES_PER_MINUTE) log.warn({ machine, said: line.slice(0, MAX_LINE_CHARACTERS) }, 'firecracker');
  };
}
