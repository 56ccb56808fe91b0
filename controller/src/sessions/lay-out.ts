import { mkdir, rm } from 'node:fs/promises';
import { at } from '../fault-point.ts';
import type { Machine, NetworkProgress } from '../machines/driver.ts';
import type { LiveMachine } from './live-machine.ts';

/** A machine that is being laid out while its network is made. */
export interface LaidOutMachine {
  /** There is a namespace for it. */
  networkMade(): void;
  /** The network is up: it runs. Rejects with why it cannot, also when it could not be laid out; `signal` undoes everything. */
  run(signal: AbortSignal): Promise<Machine>;
}

/**
 * Lays a machine out, in a directory of its own. What of it needs no network is done at once, and undone when the session ends
 * before it runs.
 */
export async function layOut(
  { life, undo }: LiveMachine,
  runDir: string,
  start: (signal: AbortSignal, network: NetworkProgress) => Promise<Machine>,
): Promise<LaidOutMachine> {
  const [made, up] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const late = new AbortController();
  let starting: Promise<unknown> = Promise.resolve();
  undo.push('run directory', async () => {
    await starting.catch(() => undefined);
    await rm(runDir, { recursive: true, force: true });
  });
  await mkdir(runDir, { recursive: true, mode: 0o700 });
  at('run directory made');
  const machine = start(AbortSignal.any([life.signal, late.signal]), { made: made.promise, up: up.promise });
  starting = machine;
  // Whoever runs it is told.
  machine.catch(() => undefined);
  return {
    networkMade: () => made.resolve(),
    run(signal) {
      signal.addEventListener('abort', () => late.abort(signal.reason), { once: true });
      made.resolve();
      up.resolve();
      return machine;
    },
  };
}
