/** A picture that moved within this time before an input moves by itself: what comes next is no answer to it. */
const STILL_MS = 300;
/** Whatever comes later has another cause. */
const LATE_MS = 2000;
/** Newest answers, of which the median is told. */
const KEPT = 20;

/**
 * From a click or key to the first picture after it, as the person at the page has it: on a desktop that stood still that picture is its
 * answer. Nothing is measured while the desktop moves by itself.
 */
export class AnswerTime {
  readonly #answers: number[] = [];
  #pressedAt: number | undefined;
  #shownAt = -Infinity;

  /** Something was pressed; ms of `performance.now()`. */
  press(now: number): void {
    if (now - this.#shownAt >= STILL_MS) this.#pressedAt ??= now;
    if (now - this.#pressedAt! > LATE_MS) this.#pressedAt = now;
  }

  /** A picture is shown. */
  show(now: number): void {
    this.#shownAt = now;
    const took = this.#pressedAt === undefined ? Infinity : now - this.#pressedAt;
    this.#pressedAt = undefined;
    if (took < 0 || took > LATE_MS) return;
    this.#answers.push(took);
    if (this.#answers.length > KEPT) this.#answers.shift();
  }

  /** Median, ms; undefined before the first answer. */
  get medianMs(): number | undefined {
    return this.#answers.toSorted((a, b) => a - b)[Math.floor(this.#answers.length / 2)];
  }

  /** Of another connection nothing is known. */
  forget(): void {
    this.#answers.length = 0;
    this.#pressedAt = undefined;
  }
}
