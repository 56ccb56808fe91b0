import type { GuestQuality } from '#contract/quality';
import type { Encoder, EncoderEvents, StreamSettings } from './encoder.ts';
import { type EncodedRate, Rate } from './rate.ts';
import { isOther, toSettings } from './settings.ts';
import { throttle } from './throttle.ts';
import { isKeyFrame } from './vp8.ts';

/** One frame. `timestamp` is RTP's: 90,000 a second. */
export interface EncodedFrame {
  data: Buffer;
  timestamp: number;
  isKey: boolean;
}

export interface Viewer {
  sendFrame(frame: EncodedFrame): void;
  /** What its link carries. */
  readonly targetKbps: number;
  /** How long packets wait on the way to it. */
  readonly queueMs: number;
  /** What is sent now would wait. */
  readonly isCongested: boolean;
  /** What it is sent from now on is another encoder's: nothing until the first key frame. */
  reset(): void;
}

export interface BroadcastOptions {
  createEncoder(events: EncoderEvents): Encoder;
  /** Most that the encoder is set to, and what it begins with. */
  settings: StreamSettings;
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
const FOLLOW_MS = 100;

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
  #started = false;
  #settings: StreamSettings;
  #isHeld = false;
  #timer: NodeJS.Timeout | undefined;
  #followTimer: NodeJS.Timeout | undefined;

  constructor(options: BroadcastOptions) {
    this.#options = { lingerMs: 3000, retryMs: 1000, onFirstFrame: () => {}, ...options };
    this.#settings = options.settings;
    this.#encoder = options.createEncoder({ onFrame: (frame, workMs) => this.#send(frame, workMs), onFailure: () => this.#retryLater() });
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
    this.#followTimer ??= setInterval(() => this.#follow(), FOLLOW_MS);
    this.updateFlow();
    this.#follow();
    this.#keyFrame.ask();
  }

  leave(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return;
    this.updateFlow();
    this.#follow();
    if (this.#viewers.size > 0) return;
    this.#endFollowing();
    this.#stopLater();
  }

  /**
   * No frames are made that nobody could be sent at once: the next one shows the screen as it is when there is room. A viewer that
   * alone is congested skips frames.
   */
  updateFlow(): void {
    const isHeld = this.#viewers.size > 0 && [...this.#viewers].every(({ isCongested }) => isCongested);
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#encoder.hold(isHeld);
  }

  requestKeyFrame(): void {
    this.#keyFrame.ask();
  }

  /** The screen has another size. */
  resized(): void {
    this.#encoder.resized();
  }

  takeRate(elapsedMs: number): EncodedRate {
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
    this.#endFollowing();
    this.#keyFrame.cancel();
    this.#encoder.stop();
  }

  #send(frame: Buffer, workMs?: number): void {
    this.#rate.add(frame, workMs);
    this.#told.add(frame, workMs);
    const encoded: EncodedFrame = {
      data: frame,
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

  /** The slowest link counts: nobody's queue grows. */
  #follow(): void {
    const targets = [...this.#viewers].map(({ targetKbps }) => targetKbps);
    const settings = toSettings(Math.min(Infinity, ...targets), this.#options.settings);
    if (!isOther(settings, this.#settings)) return;
    this.#settings = settings;
    this.#encoder.change(settings);
  }

  #endFollowing(): void {
    clearInterval(this.#followTimer);
    this.#followTimer = undefined;
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
