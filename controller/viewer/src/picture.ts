import type { Size } from './input/desktop-point.ts';
import { toSharpSize } from './size/sharp-size.ts';

/** Frames within this time make the rate. */
const RATE_MS = 1000;

/** The video and, behind it, the last frame of a stream that ended: a lost connection leaves a still picture, not a black one. */
export class Picture {
  readonly video: HTMLVideoElement;
  readonly #still: HTMLCanvasElement;
  readonly #onFrame: () => void;
  #shownAt: number[] = [];
  #streamAt = 0;
  #awaited = 0;
  /** Of the stage, in pixels of the device. */
  #stage: Size = { width: 0, height: 0 };

  constructor(video: HTMLVideoElement, still: HTMLCanvasElement, onFrame: () => void) {
    this.video = video;
    this.#still = still;
    this.#onFrame = onFrame;
    this.video.addEventListener('resize', this.#fit);
    this.#awaitFrame();
  }

  get size(): Size {
    return { width: this.video.videoWidth, height: this.video.videoHeight };
  }

  /** Frames shown during the last second. A page in the background shows none. */
  get fps(): number {
    const since = performance.now() - RATE_MS;
    this.#shownAt = this.#shownAt.filter((at) => at > since);
    return this.#shownAt.length;
  }

  /** The stage has this size in pixels of the device. */
  fitTo(stage: Size): void {
    this.#stage = stage;
    this.#fit();
  }

  show(stream: MediaStream): void {
    this.#streamAt = performance.now();
    this.video.srcObject = stream;
    // Refused when the page was never touched and the video had sound: it has none.
    void this.video.play().catch(() => undefined);
  }

  /** Keeps the last frame and lets go of the stream: once that is closed, the video would be black. */
  freeze(): void {
    const { width, height } = this.size;
    if (width > 0) {
      [this.#still.width, this.#still.height] = [width, height];
      this.#still.getContext('2d')?.drawImage(this.video, 0, 0);
    }
    this.video.srcObject = null;
  }

  stop(): void {
    this.video.cancelVideoFrameCallback(this.#awaited);
    this.video.removeEventListener('resize', this.#fit);
    this.video.srcObject = null;
    this.#still.width = this.#still.height = 0;
  }

  /** Pixel by pixel where that is possible; else the style sheet scales it. */
  readonly #fit = (): void => {
    const { width, height } = this.video.parentElement!.getBoundingClientRect();
    const sharp = toSharpSize(this.size, { css: { width, height }, device: this.#stage });
    this.video.style.width = sharp ? `${sharp.width}px` : '';
    this.video.style.height = sharp ? `${sharp.height}px` : '';
  };

  #awaitFrame(): void {
    this.#awaited = this.video.requestVideoFrameCallback((now, { presentationTime }) => {
      this.#shownAt = [...this.#shownAt.filter((at) => at > now - RATE_MS), now];
      if (presentationTime >= this.#streamAt) this.#onFrame(); // and not the last one of the stream before
      this.#awaitFrame();
    });
  }
}
