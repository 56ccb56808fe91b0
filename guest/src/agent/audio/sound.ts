import type { Capture, CaptureEvents } from './sound-capture.ts';
import { SoundTime, type SoundPacket } from './sound-time.ts';

export interface Listener {
  sendSound(packet: SoundPacket): void;
}

export interface SoundOptions {
  createCapture(events: CaptureEvents): Capture;
  /** The capture failed. While somebody listens it is tried again after `retryMs`. */
  onFailure(reason: string): void;
  retryMs?: number;
}

/** One capture for all that listen: it runs from the first to the last of them, and never else. */
export class Sound {
  readonly #options: SoundOptions;
  readonly #listeners = new Set<Listener>();
  readonly #capture: Capture;
  #time = new SoundTime();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SoundOptions) {
    this.#options = options;
    this.#capture = options.createCapture({
      onPacket: (packet) => this.#send(packet),
      onFailure: (reason) => this.#retryLater(reason),
    });
  }

  join(listener: Listener): void {
    if (this.#listeners.has(listener)) return;
    this.#listeners.add(listener);
    if (this.#listeners.size > 1) return;
    this.#time = new SoundTime();
    this.#capture.start();
  }

  leave(listener: Listener): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#halt();
  }

  stop(): void {
    this.#listeners.clear();
    this.#halt();
  }

  #halt(): void {
    clearTimeout(this.#timer);
    this.#capture.stop();
  }

  #send(payload: Buffer): void {
    const packet = this.#time.stamp(payload, performance.now());
    if (packet) for (const listener of this.#listeners) listener.sendSound(packet);
  }

  #retryLater(reason: string): void {
    this.#options.onFailure(reason);
    clearTimeout(this.#timer);
    if (this.#listeners.size > 0) this.#timer = setTimeout(() => this.#capture.start(), this.#options.retryMs ?? 1000);
  }
}
