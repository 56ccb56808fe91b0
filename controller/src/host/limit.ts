/** One for all: to make an error costs more than all else here. */
const LATE = new DOMException('the time has passed', 'TimeoutError');

/**
 * Aborts after `ms`, or with any of `signals`, for their reason. Disposed, it leaves nothing behind: Node's own timeout signals live, and
 * wake the process, until their time has passed, whatever became of what they were for.
 */
export class Limit implements Disposable {
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #signals: readonly AbortSignal[];
  #isLate = false;

  constructor(ms: number, ...signals: AbortSignal[]) {
    this.#timer = setTimeout(() => this.#pass(), ms).unref();
    this.#signals = signals;
    for (const signal of signals) signal.addEventListener('abort', this.#follow);
    if (signals.some(({ aborted }) => aborted)) this.#follow();
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Its time has passed before anything else happened. */
  get isLate(): boolean {
    return this.#isLate;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#follow);
  }

  #pass(): void {
    this.#isLate = !this.signal.aborted;
    this.#over.abort(LATE);
  }

  readonly #follow = () => this.#over.abort(this.#signals.find(({ aborted }) => aborted)?.reason);
}
