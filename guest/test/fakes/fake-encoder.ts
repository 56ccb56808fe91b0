import type { Encoder, EncoderEvents, StreamSettings } from '../../src/agent/stream/encoder.ts';

/** Gives the frames that it is told to. */
export class FakeEncoder implements Encoder {
  readonly name = 'fake';
  running = false;
  starts = 0;
  keyFrames = 0;
  isHeld = false;
  settings: StreamSettings | undefined;
  readonly events: EncoderEvents;

  constructor(events: EncoderEvents) {
    this.events = events;
  }

  start(): void {
    if (!this.running) this.starts += 1;
    this.running = true;
  }

  stop(): void {
    this.running = false;
  }

  forceKeyFrame(): void {
    this.keyFrames += 1;
  }

  change(settings: StreamSettings): void {
    this.settings = settings;
  }

  hold(isHeld: boolean): void {
    this.isHeld = isHeld;
  }

  resized(): void {}

  fail(): void {
    this.running = false;
    this.events.onFailure();
  }
}

export const KEY_FRAME = Buffer.from([0x10, 1, 2, 3]);
export const DELTA_FRAME = Buffer.from([0x11, 4, 5, 6]);

export const SETTINGS: StreamSettings = { bitrateKbps: 4000, framerate: 60 };
