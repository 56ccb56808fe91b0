import type { Region } from '#contract/screenshot';
import type { Endpoint } from '../controller/endpoint.ts';
import type { Size } from '../input/words.ts';
import { toReason, type Log } from '../log.ts';
import type { Gstreamer } from '../stream/gstreamer.ts';
import { toScreenshotPipeline } from './pipeline.ts';

/** Longest reason, characters: the contract's. */
const REASON_MAX = 200;
/** The controller waits no longer. */
const TAKE_MS = 10_000;
const POST_MS = 30_000;

export interface ScreenshotsOptions {
  display: string;
  getSize(): Size;
  /** Throws where the image has none. */
  loadGstreamer(): Gstreamer;
  endpoint: Endpoint;
  secret: string;
  signal: AbortSignal;
  log: Pick<Log, 'warn'>;
}

/** Pictures of the desktop that the controller asks for, one after the other: each holds one of libuv's four threads. */
export class Screenshots {
  readonly #options: ScreenshotsOptions;
  #last = Promise.resolve();

  constructor(options: ScreenshotsOptions) {
    this.#options = options;
  }

  /** Resolves when the controller has it, or has been told why there is none. Never throws. */
  send({ id, region }: { id: string; region?: Region | undefined }): Promise<void> {
    return (this.#last = this.#last.then(() => this.#send(id, region)));
  }

  async #send(id: string, region: Region | undefined): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#post(`/guest/screenshot?id=${id}`, await this.#take(region));
    } catch (error) {
      const reason = toReason(error);
      log.warn({ reason }, 'no screenshot');
      const body = { id, reason: reason.slice(0, REASON_MAX) };
      await this.#post('/guest/screenshot/refusal', body).catch(() => {}); // it waits no longer than it does
    }
  }

  async #take(region: Region | undefined): Promise<Buffer> {
    const { display, getSize, loadGstreamer } = this.#options;
    const pipeline = new (loadGstreamer().Pipeline)(toScreenshotPipeline(display, getSize(), region));
    const late = setTimeout(() => pipeline.stop(), TAKE_MS);
    try {
      pipeline.play();
      const png = await new Promise<Buffer | null>((resolve) => pipeline.findChild('sink').pull(resolve));
      if (!png) throw new Error('the screen gave no picture');
      return png;
    } finally {
      clearTimeout(late);
      pipeline.stop();
    }
  }

  async #post(path: string, body: unknown): Promise<void> {
    const { endpoint, secret, signal } = this.#options;
    await endpoint.call({ method: 'POST', path, bearer: secret, body, timeoutMs: POST_MS, signal });
  }
}
