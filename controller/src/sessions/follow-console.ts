import { setTimeout as sleep } from 'node:timers/promises';
import { untilAtMost } from '../signal/bell.ts';
import type { ConsolePiece, ConsoleTail } from './console-tail.ts';
import { KEEP_ALIVE_MS } from './watch.ts';

/** Lines of a console, with the id to go on after; none of a machine that is gone, whose lines have lost their numbers. */
export interface ConsoleNews extends Pick<ConsolePiece, 'lines' | 'dropped'> {
  id?: string;
}

export interface ConsoleStart {
  /** So many of the lines that are kept come first. */
  tail: number;
  /** What a reader that was cut off has read last; an id that is not known is as none, but with all that is kept. */
  lastId?: string | undefined;
}

/** A reader is told so often at most: a guest may write its console a few bytes at a time. */
const PAUSE_MS = 50;

/** A console's lines from `start` on, as they come, to the last one or until `gone` aborts; undefined where there was none for a while. */
export async function* followConsole(tail: ConsoleTail, start: ConsoleStart, gone: AbortSignal): AsyncGenerator<ConsoleNews | undefined> {
  for (let after = toFirst(tail, start); !gone.aborted;) {
    await untilAtMost(KEEP_ALIVE_MS, tail.changed, () => tail.last > after || tail.isOver || undefined, gone);
    const piece = tail.read(after);
    if (!piece && tail.isOver) return;
    yield piece && { lines: piece.lines, dropped: piece.dropped, id: `${tail.epoch}-${piece.last}` };
    if (!piece) continue;
    after = piece.last;
    await sleep(PAUSE_MS);
  }
}

/** Number of the line to read on after. */
function toFirst({ epoch, last, lines }: ConsoleTail, { tail, lastId }: ConsoleStart): number {
  const [itsEpoch, number] = lastId?.split('-') ?? [];
  if (lastId === undefined) return last - Math.min(tail, lines.length);
  return itsEpoch === epoch && Number(number) <= last ? Number(number) : last - lines.length;
}
