import type { Gstreamer, Pipeline } from '../stream/gstreamer.ts';
import { toReason } from '../log.ts';
import { toSoundPipeline } from './sound-pipeline.ts';

export interface CaptureEvents {
  onPacket(packet: Buffer): void;
  /** It ended by itself: the sound server has gone, or is not there. It may be started again. */
  onFailure(reason: string): void;
}

/** What the desktop plays → packets of Opus. */
export interface Capture {
  start(): void;
  /** Nothing comes after it until the next start. */
  stop(): void;
}

/** GStreamer's, in this process. Nothing is loaded, and no thread held, before the first start. */
export class SoundCapture implements Capture {
  readonly #load: () => Gstreamer;
  readonly #events: CaptureEvents;
  /** What an earlier one still hands over is not wanted any more. */
  #pipeline: Pipeline | undefined;

  constructor(load: () => Gstreamer, events: CaptureEvents) {
    this.#load = load;
    this.#events = events;
  }

  start(): void {
    if (this.#pipeline) return;
    try {
      const pipeline = new (this.#load().Pipeline)(toSoundPipeline());
      this.#pipeline = pipeline;
      pipeline.play();
      this.#pull(pipeline);
    } catch (error) {
      this.#fail(toReason(error));
    }
  }

  stop(): void {
    const pipeline = this.#pipeline;
    this.#pipeline = undefined;
    pipeline?.stop();
  }

  #pull(pipeline: Pipeline): void {
    pipeline.findChild('sink').pull((packet) => {
      if (pipeline !== this.#pipeline) return;
      if (!packet) return this.#fail('the sound server gave none');
      this.#events.onPacket(packet);
      this.#pull(pipeline);
    });
  }

  #fail(reason: string): void {
    this.stop();
    this.#events.onFailure(reason);
  }
}
