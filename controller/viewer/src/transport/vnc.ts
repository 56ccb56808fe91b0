import type RFB from '@novnc/novnc';
import { delay, toBackOffMs } from '../../../client/delay.ts';
import type { Size } from '../input/desktop-point.ts';

export type VncOptions = { baseUrl: string; sessionId: string; readToken: () => string; target: HTMLElement };

/** How often the canvas is looked at until it is painted: noVNC tells of the connection, x11vnc's first picture can be seconds later. */
const LOOK_MS = 50;

/** A controller that comes back is found within this. */
const PAUSE_MOST_MS = 500;

/** The fallback: noVNC through the controller's WebSocket. Its code is loaded when it is first needed. */
export class VncLink {
  readonly #options: VncOptions;
  readonly #onChange: () => void;
  #rfb: RFB | undefined;
  #hasPicture = false;

  constructor(options: VncOptions, onChange: () => void) {
    this.#options = options;
    this.#onChange = onChange;
  }

  get hasPicture(): boolean {
    return this.#hasPicture;
  }

  get size(): Size {
    const { width = 0, height = 0 } = this.#options.target.querySelector('canvas') ?? {};
    return { width, height };
  }

  focus(): void {
    this.#rfb?.focus({ preventScroll: true });
  }

  /** Connects, and connects again whenever that ends, until `signal` aborts. */
  async keep(signal: AbortSignal): Promise<void> {
    for (let tries = 1; !signal.aborted; tries += 1) {
      const hadPicture = await this.#try(signal).catch(() => false);
      if (hadPicture) tries = 1;
      await delay(toBackOffMs(tries, { mostMs: PAUSE_MOST_MS }), signal).catch(() => undefined);
    }
  }

  async #try(signal: AbortSignal): Promise<boolean> {
    const { default: Rfb } = await import('@novnc/novnc');
    if (signal.aborted) return false;
    const { baseUrl, sessionId, readToken, target } = this.#options;
    // Not `#rfb`: an older connection's end must not take a newer one's picture away.
    const rfb = new Rfb(target, toVncUrl(baseUrl || location.origin, sessionId), {
      shared: true,
      wsProtocols: ['binary', `oriel.${readToken()}`],
    });
    rfb.scaleViewport = true;
    rfb.background = 'transparent';
    this.#rfb = rfb;
    const ended = new AbortController();
    rfb.addEventListener('disconnect', () => ended.abort());
    rfb.addEventListener('connect', () => void this.#awaitPicture(ended.signal).catch(() => undefined));
    const stop = () => (rfb.disconnect(), ended.abort());
    signal.addEventListener('abort', stop, { once: true });
    await toEnd(ended.signal);
    signal.removeEventListener('abort', stop);
    return this.#end();
  }

  async #awaitPicture(ended: AbortSignal): Promise<void> {
    const { target } = this.#options;
    const probe = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
    while (!isPainted(target.querySelector('canvas'), probe)) await delay(LOOK_MS, ended);
    this.#hasPicture = true;
    this.#onChange();
  }

  #end(): boolean {
    const hadPicture = this.#hasPicture;
    [this.#rfb, this.#hasPicture] = [undefined, false];
    this.#onChange();
    return hadPicture;
  }
}

/** noVNC paints whole updates, and the first one is the whole screen. */
function isPainted(canvas: HTMLCanvasElement | null, probe: OffscreenCanvasRenderingContext2D): boolean {
  if (!canvas || canvas.width === 0) return false;
  probe.drawImage(canvas, 0, 0);
  return probe.getImageData(0, 0, 1, 1).data[3]! > 0;
}

/** The WebSocket's address: https → wss, http → ws. */
export function toVncUrl(base: string, sessionId: string): string {
  return `${base.replace(/^http/, 'ws').replace(/\/+$/, '')}/api/vnc/session/${encodeURIComponent(sessionId)}`;
}

const toEnd = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
