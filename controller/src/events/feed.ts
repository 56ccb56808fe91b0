import type { SessionEvent } from '#contract/event';
import { KEEP_ALIVE_MS } from '../sessions/watch.ts';
import { Bell, untilAtMost } from '../signal/bell.ts';
import type { EventTable } from '../store/events.ts';

/** Read at a time: what a reader that has stopped reading costs. */
const BATCH = 100;

/**
 * What happens to all sessions, for those who follow it. The database has it all and in order; what is here only says when to look again,
 * so a reader that comes late, or comes back, reads on from where it was.
 */
export class EventFeed {
  /** Rings when something has happened. */
  readonly changed = new Bell();
  readonly #table: EventTable;

  constructor(table: EventTable) {
    this.#table = table;
  }

  /** Number of the last event. */
  get last(): number {
    return this.#table.last();
  }

  /**
   * Events after this one, or from now on, until `gone` aborts; undefined where there was none for a while. A number that is still to come
   * is one of another database: then it is from now on, too.
   */
  follow(after: number | undefined, gone: AbortSignal): AsyncGenerator<SessionEvent | undefined> {
    // Taken now, not when the first is asked for: what happens in between counts.
    const from = Math.min(after ?? Infinity, this.last);
    return this.#read(from, gone);
  }

  async *#read(from: number, gone: AbortSignal): AsyncGenerator<SessionEvent | undefined> {
    for (let last = from; !gone.aborted;) {
      const events = await untilAtMost(KEEP_ALIVE_MS, this.changed, () => nonEmpty(this.#table.after(last, BATCH)), gone);
      yield* events ?? [undefined];
      last = events?.at(-1)?.id ?? last;
    }
  }
}

function nonEmpty(events: SessionEvent[]): SessionEvent[] | undefined {
  return events.length > 0 ? events : undefined;
}
