import { at } from '../fault-point.ts';
import type { Machine } from '../machines/driver.ts';
import type { BringUpDeps } from './bring-up.ts';
import { keepConsole, watchMachine } from './console.ts';
import type { LiveMachine } from './live-machine.ts';

/** Disposable: nothing in a machine is worth waiting for. */
const STOP_GRACE_MS = 500;

type HoldDeps = Pick<BringUpDeps, 'machinery' | 'store' | 'machines'>;

/** Ties a machine that starts, or runs already, to its life here: its console is followed, its end is heard of, and it goes when that life ends. */
export async function holdMachine(live: LiveMachine, starting: Promise<Machine>, deps: HoldDeps): Promise<Machine> {
  // To the machine's very end: its last words are read, too.
  const watch = new AbortController();
  let watching = Promise.resolve();
  live.undo.push('console', () => {
    watch.abort();
    return watching;
  });
  live.undo.push('machine', () => endMachine(live, starting, deps));
  const machine = await starting;
  at('machine running');
  watching = watchMachine(live, machine, deps.machinery, watch.signal);
  return machine;
}

async function endMachine(live: LiveMachine, starting: Promise<Machine>, { machinery, store, machines }: HoldDeps): Promise<void> {
  const { machineId, runDir, log } = live;
  try {
    machines.move(machineId, 'ending', 'controller');
  } catch (err) {
    log.warn({ err }, 'that the machine ends cannot be written down');
  }
  const machine = await starting.catch(() => undefined);
  await machine?.stop(STOP_GRACE_MS);
  await keepConsole(live, machinery, store);
  await machinery.driver.remove(machine?.record ?? { machineId, runDir });
}
