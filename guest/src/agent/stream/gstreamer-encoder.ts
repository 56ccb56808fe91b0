import type { Encoder, EncoderEvents, StreamSettings } from './encoder.ts';
import type { Gstreamer, Pipeline } from './gstreamer.ts';
import { toPipeline, toRateCaps } from './pipeline.ts';

/** GStreamer's screen capture and VP8 encoder, in this process. */
export class GstreamerEncoder implements Encoder {
  readonly name = 'vp8enc';
  readonly #pipeline: Pipeline;
  readonly #events: EncoderEvents;
  #settings: StreamSettings;
  #keyFrames = 0;
  /** Counts starts: what an earlier run still hands over is not wanted any more. */
  #run = 0;
  #running = false;

  /** Throws when GStreamer lacks an element or does not understand a word. */
  constructor(gstreamer: Gstreamer, display: string, settings: StreamSettings, events: EncoderEvents) {
    this.#pipeline = new gstreamer.Pipeline(toPipeline(display, settings));
    this.#settings = settings;
    this.#events = events;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#pipeline.play();
    this.#pull(++this.#run);
  }

  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    this.#pipeline.stop();
  }

  forceKeyFrame(): void {
    if (this.#running) this.#pipeline.forceKeyUnit('sink', this.#keyFrames++);
  }

  change(settings: StreamSettings): void {
    if (settings.bitrateKbps !== this.#settings.bitrateKbps)
      this.#pipeline.findChild('encoder')['target-bitrate'] = settings.bitrateKbps * 1000;
    if (settings.framerate !== this.#settings.framerate) this.#pipeline.findChild('rate')['caps'] = toRateCaps(settings.framerate);
    this.#settings = settings;
  }

  /** A pipeline goes on: viewers that are congested skip what it makes. */
  hold(): void {}

  /** ximagesrc keeps to the size that it began with. */
  resized(): void {
    if (!this.#running) return;
    this.stop();
    this.start();
  }

  #pull(run: number): void {
    this.#pipeline.findChild('sink').pull((frame) => {
      if (run !== this.#run || !this.#running) return;
      if (frame) {
        this.#events.onFrame(frame);
        this.#pull(run);
      } else {
        this.stop();
        this.#events.onFailure();
      }
    });
  }
}
