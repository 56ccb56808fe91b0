/** What waits to be sent. */
export interface Paced {
  bytes: number;
}

export interface PacerOptions<T extends Paced> {
  send(item: T): void;
  /** Whether the link may be given more now; when not, it is asked again soon. */
  maySend(bytes: number): boolean;
  paceKbps(): number;
  /** All that waited was sent. */
  onEmpty(): void;
  now?: () => number;
}

/** So much may leave at once. */
const BURST_MS = 5;
const LEAST_BURST_BYTES = 2600;
const TICK_MS = 2;
const BLOCKED_TICK_MS = 20;

/**
 * Token bucket: packets leave at the link's pace instead of as one burst per frame, which routers' queues would drop. What is asked
 * for again goes first. On a link that is fast enough nothing waits.
 */
export class Pacer<T extends Paced> {
  readonly #options: Required<PacerOptions<T>>;
  #urgent: T[] = [];
  #queue: T[] = [];
  #queuedBytes = 0;
  #tokens = LEAST_BURST_BYTES;
  #filledMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isBlocked = false;

  constructor(options: PacerOptions<T>) {
    this.#options = { now: () => performance.now(), ...options };
    this.#filledMs = this.#options.now();
  }

  /** How long what waits will take, ms. */
  get waitMs(): number {
    return (this.#queuedBytes * 8) / this.#options.paceKbps();
  }

  get isEmpty(): boolean {
    return this.#queuedBytes === 0;
  }

  /** The link takes no more for now. */
  get isBlocked(): boolean {
    return this.#isBlocked && !this.isEmpty;
  }

  /** The next of those that were not urgent. */
  get first(): T | undefined {
    return this.#queue[0];
  }

  some(is: (item: T) => boolean): boolean {
    return this.#queue.some(is);
  }

  push(items: readonly T[]): void {
    this.#queue.push(...items);
    this.#add(items);
  }

  /** Before all that waits. */
  pushUrgent(items: readonly T[]): void {
    this.#urgent.push(...items);
    this.#add(items);
  }

  /** Lets go of what `isStale` and was not sent. */
  drop(isStale: (item: T) => boolean): void {
    const kept = this.#queue.filter((item) => !isStale(item));
    this.#queuedBytes -= sum(this.#queue) - sum(kept);
    this.#queue = kept;
  }

  /** The link may take more. */
  wake(): void {
    if (this.isEmpty) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#run();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#urgent = [];
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  #add(items: readonly T[]): void {
    this.#queuedBytes += sum(items);
    if (this.#timer === undefined) this.#run();
  }

  #run(): void {
    this.#timer = undefined;
    this.#fill();
    this.#isBlocked = false;
    for (let next = this.#next(); next && this.#tokens > 0; next = this.#next()) {
      this.#isBlocked = !this.#options.maySend(next.bytes);
      if (this.#isBlocked) break;
      this.#take(next);
    }
    if (this.isEmpty) this.#options.onEmpty();
    else this.#timer = setTimeout(() => this.#run(), this.#isBlocked ? BLOCKED_TICK_MS : TICK_MS);
  }

  #fill(): void {
    const { now, paceKbps } = this.#options;
    const kbps = paceKbps();
    const most = Math.max(LEAST_BURST_BYTES, (kbps * BURST_MS) / 8);
    this.#tokens = Math.min(most, this.#tokens + (kbps * (now() - this.#filledMs)) / 8);
    this.#filledMs = now();
  }

  #next(): T | undefined {
    return this.#urgent[0] ?? this.#queue[0];
  }

  #take(item: T): void {
    if (this.#urgent[0] === item) this.#urgent.shift();
    else this.#queue.shift();
    this.#queuedBytes -= item.bytes;
    this.#tokens -= item.bytes;
    this.#options.send(item);
  }
}

function sum(items: readonly Paced[]): number {
  return items.reduce((all, { bytes }) => all + bytes, 0);
}
