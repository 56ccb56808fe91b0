import type { GuestQuality } from '#contract/quality';
import type { Encoder, EncoderEvents } from './encoder.ts';
import { Rate } from './rate.ts';
import { throttle } from './throttle.ts';
import { isKeyFrame, nextPictureId, toVp8Payloads } from './vp8.ts';

/** One frame, cut for the network. `timestamp` is RTP's: 90,000 a second. */
export interface EncodedFrame {
  payloads: Buffer[];
  timestamp: number;
  isKey: boolean;
}

export interface Viewer {
  sendFrame(frame: EncodedFrame): void;
}

export interface BroadcastOptions {
  createEncoder(events: EncoderEvents): Encoder;
  /** The encoder failed. While somebody watches it is tried again after `retryMs`. */
  onFailure(): void;
  /** The first frame of all went out. */
  onFirstFrame?(): void;
  /** How long the encoder goes on when nobody watches: a page that reloads is back within that. */
  lingerMs?: number;
  retryMs?: number;
}

/** A viewer that loses packets asks for key frames again and again; each is a burst that loses more. */
const KEY_FRAME_INTERVAL_MS = 500;
const RTP_TICKS_PER_MS = 90;

/** One encoder for all viewers: it starts with the first and stops some time after the last. */
export class Broadcast {
  readonly #options: Required<BroadcastOptions>;
  readonly #viewers = new Set<Viewer>();
  readonly #rate = new Rate();
  /** The same, for the controller, which asks less often. */
  readonly #told = new Rate();
  #keyFrames = 0;
  readonly #keyFrame = throttle(() => this.#encoder.forceKeyFrame(), KEY_FRAME_INTERVAL_MS);
  readonly #encoder: Encoder;
  #pictureId = 0;
  #started = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BroadcastOptions) {
    this.#options = { lingerMs: 3000, retryMs: 1000, onFirstFrame: () => {}, ...options };
    this.#encoder = options.createEncoder({ onFrame: (frame) => this.#send(frame), onFailure: () => this.#retryLater() });
  }

  get encoderName(): string {
    return this.#encoder.name;
  }

  /** Starts the encoder ahead of a viewer that is about to connect. */
  prepare(): void {
    if (this.#viewers.size === 0) this.#stopLater();
    this.#encoder.start();
  }

  join(viewer: Viewer): void {
    this.#viewers.add(viewer);
    clearTimeout(this.#timer);
    this.#encoder.start();
    this.#keyFrame.ask();
  }

  leave(viewer: Viewer): void {
    if (this.#viewers.delete(viewer) && this.#viewers.size === 0) this.#stopLater();
  }

  requestKeyFrame(): void {
    this.#keyFrame.ask();
  }

  /** The screen has another size. */
  resized(): void {
    this.#encoder.resized();
  }

  takeRate(elapsedMs: number): { fps: number; kbps: number } {
    return this.#rate.take(elapsedMs);
  }

  /** What was encoded since the last call, as the contract has it; undefined when nobody watches. */
  takeQuality(elapsedMs: number): GuestQuality | undefined {
    const quality = { encoder: this.encoderName, ...this.#told.take(elapsedMs), keyFrames: this.#keyFrames };
    this.#keyFrames = 0;
    return this.#viewers.size > 0 ? quality : undefined;
  }

  /** X has gone, or all ends. Viewers stay; the next `prepare` or `join` starts anew. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#keyFrame.cancel();
    this.#encoder.stop();
  }

  #send(frame: Buffer): void {
    this.#rate.add(frame);
    this.#told.add(frame);
    this.#pictureId = nextPictureId(this.#pictureId);
    const encoded: EncodedFrame = {
      payloads: toVp8Payloads(frame, this.#pictureId),
      timestamp: Math.round(performance.now() * RTP_TICKS_PER_MS) >>> 0,
      isKey: isKeyFrame(frame),
    };
    if (encoded.isKey) this.#keyFrames += 1;
    for (const viewer of this.#viewers) viewer.sendFrame(encoded);
    if (this.#viewers.size > 0 && !this.#started) this.#tellStarted();
  }

  #tellStarted(): void {
    this.#started = true;
    this.#options.onFirstFrame();
  }

  #stopLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stop(), this.#options.lingerMs);
  }

  #retryLater(): void {
    this.#options.onFailure();
    clearTimeout(this.#timer);
    if (this.#viewers.size > 0) this.#timer = setTimeout(() => this.#encoder.start(), this.#options.retryMs);
  }
}
