import type { Encoder, EncoderEvents, StreamSettings } from './encoder.ts';

type Create = (events: EncoderEvents) => Encoder;

/** The first encoder, until it fails without having given a single frame; from then on the second. */
export class FallbackEncoder implements Encoder {
  readonly #first: Encoder;
  readonly #second: Encoder;
  #current: Encoder;
  #gaveFrames = false;

  constructor(first: Create, second: Create, events: EncoderEvents, onFallback: (from: string, to: string) => void) {
    this.#first = first({
      onFrame: (frame, workMs) => {
        this.#gaveFrames = true;
        events.onFrame(frame, workMs);
      },
      onFailure: () => {
        if (this.#gaveFrames) return events.onFailure();
        onFallback(this.#first.name, this.#second.name);
        this.#current = this.#second;
        this.#second.start();
      },
    });
    this.#second = second(events);
    this.#current = this.#first;
  }

  get name(): string {
    return this.#current.name;
  }

  start(): void {
    this.#current.start();
  }

  stop(): void {
    this.#current.stop();
  }

  forceKeyFrame(): void {
    this.#current.forceKeyFrame();
  }

  resized(): void {
    this.#current.resized();
  }

  change(settings: StreamSettings): void {
    this.#first.change(settings);
    this.#second.change(settings);
  }

  hold(isHeld: boolean): void {
    this.#first.hold(isHeld);
    this.#second.hold(isHeld);
  }
}
