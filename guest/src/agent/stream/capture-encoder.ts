import { startCapture, type Capture, type CaptureOptions } from './capture/capture.ts';
import type { CursorShape, Size } from './capture/records.ts';
import type { Encoder, EncoderEvents, StreamSettings } from './encoder.ts';

export interface CaptureEncoderOptions extends StreamSettings {
  program: string;
  env: NodeJS.ProcessEnv;
  onCursor(cursor: CursorShape): void;
  onDisplay(size: Size): void;
  /** A program of the desktop has copied something. */
  onCopied(): void;
  /** Why a capture ended that was not asked to, or what it did not obey. */
  onProblem(message: string): void;
  /** For tests. */
  start?: (options: CaptureOptions, signal: AbortSignal) => Promise<Pick<Capture, keyof Capture>>;
}

type Running = Awaited<ReturnType<NonNullable<CaptureEncoderOptions['start']>>>;

/** oriel-capture: the screen's changes as VP8 frames, when they happen. The program stays once started, for cursor and size. */
export class CaptureEncoder implements Encoder {
  readonly name = 'oriel-capture';
  readonly #options: CaptureEncoderOptions;
  readonly #events: EncoderEvents;
  #settings: StreamSettings;
  #capture: Running | undefined;
  #abort: AbortController | undefined;
  #wanted = false;
  #isHeld = false;

  constructor(options: CaptureEncoderOptions, events: EncoderEvents) {
    this.#options = options;
    this.#events = events;
    this.#settings = { bitrateKbps: options.bitrateKbps, framerate: options.framerate };
  }

  start(): void {
    this.#wanted = true;
    if (this.#capture) this.#capture.start();
    else if (!this.#abort) void this.#open();
  }

  stop(): void {
    this.#wanted = false;
    this.#capture?.stop();
  }

  /** X has gone, or the agent ends: the program too. */
  close(): void {
    this.#wanted = false;
    this.#abort?.abort();
  }

  forceKeyFrame(): void {
    this.#capture?.requestKeyFrame();
  }

  change(settings: StreamSettings): void {
    this.#settings = settings;
    this.#capture?.setBitrate(settings.bitrateKbps);
    this.#capture?.setFramerate(settings.framerate);
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#capture?.hold(isHeld);
  }

  /** The program sees it by itself, and begins anew with a key frame. */
  resized(): void {}

  async #open(): Promise<void> {
    const { program, env, onCursor, onDisplay, onCopied, onProblem, start = startCapture } = this.#options;
    this.#abort = new AbortController();
    const onFrame = ({ data, workMs }: { data: Buffer; workMs: number }) => {
      if (this.#wanted) this.#events.onFrame(data, workMs);
    };
    try {
      const options = { program, env, ...this.#settings, onFrame, onCursor, onDisplay, onCopied, onRefused: onProblem };
      this.#capture = await start(options, this.#abort.signal);
      if (this.#isHeld) this.#capture.hold(true);
      if (this.#wanted) this.#capture.start();
      const end = await this.#capture.ended;
      this.#onEnd(end.reason === 'stopped' ? undefined : `${end.reason}: ${end.message}`);
    } catch (error) {
      this.#onEnd((error as Error).message);
    }
  }

  #onEnd(problem: string | undefined): void {
    const wasAsked = this.#abort?.signal.aborted;
    this.#capture = undefined;
    this.#abort = undefined;
    if (problem === undefined || wasAsked) return;
    this.#options.onProblem(problem);
    this.#events.onFailure();
  }
}
