import type { Clock } from '../desktop/clock.ts';

/** The controller counts idle minutes: to the half minute is good enough for it, and costs two messages a minute of use. */
const TELL_EVERY_MS = 30_000;

/** When a viewer last used the desktop. `tell` is called soon after the first input, and at most every half minute after that. */
export class LastInput {
  readonly #clock: Clock;
  readonly #tell: () => void;
  readonly #everyMs: number;
  #ms = 0;
  #told = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ clock, tell, everyMs = TELL_EVERY_MS }: { clock: Clock; tell: () => void; everyMs?: number }) {
    this.#clock = clock;
    this.#tell = tell;
    this.#everyMs = everyMs;
  }

  /** Milliseconds after boot; 0 before the first time. */
  get ms(): number {
    return this.#ms;
  }

  note(): void {
    this.#ms = this.#clock();
    if (!this.#timer) this.#tellNow();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #tellNow(): void {
    this.#told = this.#ms;
    this.#tell();
    this.#timer = setTimeout(() => this.#tellRest(), this.#everyMs);
  }

  /** What came since, so that the last input of all is told, too. */
  #tellRest(): void {
    this.#timer = undefined;
    if (this.#ms > this.#told) this.#tellNow();
  }
}
