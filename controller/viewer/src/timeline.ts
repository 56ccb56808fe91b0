import type { Loss } from './transport/health.ts';

/** An offer that is not even answered counts as answered after this long: the agent may be gone, and VNC still there. */
const ANSWER_OWED_MS = 2000;

/** When what happened to the WebRTC connection. Times are ms since the epoch. */
export class Timeline {
  /** The first try, and the guest's first answer. */
  connectingAt: number | undefined;
  answeredAt: number | undefined;
  /** Pictures that came, and why the last one went. */
  pictures = 0;
  loss: Loss | undefined;
  /** Since when a picture is owed. */
  #blankSince: number | undefined;

  connects(now: number): void {
    this.connectingAt ??= now;
    this.#blankSince = now + ANSWER_OWED_MS;
  }

  answers(now: number): void {
    this.answeredAt ??= now;
    if (this.#blankSince !== undefined) this.#blankSince = Math.min(this.#blankSince, now);
  }

  shows(): void {
    this.pictures += 1;
    [this.#blankSince, this.loss] = [undefined, undefined];
  }

  /** `silentMs`: for how long nothing had come. A picture that was there is owed from then on. */
  loses(now: number, loss: Loss, hadPicture: boolean, silentMs: number): void {
    this.loss = loss;
    if (hadPicture) this.#blankSince = now - silentMs;
  }

  /** For how long a picture has been owed, ms. */
  blankMs(now: number): number {
    return this.#blankSince === undefined ? 0 : Math.max(0, now - this.#blankSince);
  }
}
