import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveMachine } from './live-machine.ts';

const LONGEST = 64;

export interface TakeDown {
  /** First pause between two tries, ms. */
  againMs: number;
  /** Aborts when it is another's to try, as the next controller's: the machine's record is there as long as anything of it is. */
  signal: AbortSignal;
  /** Called after the first try: nobody has to wait for more. */
  onTried: () => void;
}

/** Takes all of a machine down, as often as it needs. False when `signal` came before it was gone. */
export async function takeDown({ undo, console, log }: LiveMachine, { againMs, signal, onTried }: TakeDown): Promise<boolean> {
  for (let pauseMs = againMs; ; pauseMs = Math.min(2 * pauseMs, LONGEST * againMs)) {
    const isGone = await undo.run();
    console.end();
    onTried();
    if (isGone) return true;
    log.error({ againInMs: pauseMs }, 'machine keeps its slot and its record until all of it is taken down');
    const isOver = await sleep(pauseMs, false, { signal, ref: false }).catch(() => true);
    if (isOver) return false;
  }
}
