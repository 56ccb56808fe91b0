import type { Page } from 'playwright-core';

/** One press of the button or key, as the page saw it. */
export interface Click {
  /** When the page sent it, ms since 1970. */
  at: number;
  /** From there to the changed pixel read; undefined when it did not come in time. */
  ms: number | undefined;
  /** WebRTC: from there to the last packet of that picture; what its decoding took; from there to its being given to the compositor. */
  receivedMs?: number;
  decodeMs?: number;
  presentedMs?: number;
  /** What the reading of that pixel took by itself. */
  readMs?: number;
}

interface Probe {
  /** Mean brightness of the probed place, 0 to 255; -1 while nothing is painted there. */
  look(): Promise<number>;
  /** Nothing is being waited for; what is seen now is what the next press changes. */
  settle(): Promise<void>;
  clicks: Click[];
}

const LIMIT_MS = 2_000;

/**
 * Puts the measuring script into a viewer's page. The clock starts when the page hands a press to its data channel or
 * WebSocket, and stops when the script, which looks at each animation frame, has read the other brightness at `place`.
 *
 * Each is read in the cheapest way that a page has, as the reading is not what is measured: noVNC's canvas by `getImageData`,
 * the video by `VideoFrame.copyTo`, which takes these few pixels out of the element's present picture as they are. (A canvas that
 * the video is drawn into converts the whole picture each time: 4 ms, and 20 ms in the first seconds of a page.)
 */
export async function installProbe(page: Page, place: { x: number; y: number }): Promise<void> {
  await page.evaluate(watchPresses, { place, limitMs: LIMIT_MS });
}

export function look(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { probe: Probe }).probe.look());
}

export function settle(page: Page): Promise<void> {
  return page.evaluate(() => (globalThis as unknown as { probe: Probe }).probe.settle());
}

export function takeClicks(page: Page): Promise<Click[]> {
  return page.evaluate(() => (globalThis as unknown as { probe: Probe }).probe.clicks.splice(0));
}

/** Runs in the page, so all that it needs is in it. */
function watchPresses({ place, limitMs }: { place: { x: number; y: number }; limitMs: number }): void {
  const SIZE = 8;
  const video = document.querySelector('oriel-desktop')?.shadowRoot?.querySelector('video') ?? undefined;
  const canvas = document.querySelector('canvas');
  const rect = { x: place.x - SIZE / 2, y: place.y - SIZE / 2, width: SIZE, height: SIZE };
  const context = new OffscreenCanvas(SIZE, SIZE).getContext('2d', { willReadFrequently: true })!;
  const clicks: Click[] = [];
  let pending: { click: Click; wantsWhite: boolean; resolve: () => void; done: Promise<void> } | undefined;
  let isWhite = false;

  const toMean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  /** I420: the first plane is the brightness. */
  const lookAtVideo = async (element: HTMLVideoElement): Promise<number> => {
    if (element.readyState < element.HAVE_CURRENT_DATA) return -1;
    const frame = new VideoFrame(element);
    try {
      const data = new Uint8Array(frame.allocationSize({ rect }));
      const [luma] = await frame.copyTo(data, { rect });
      if (frame.format !== 'I420') throw new Error(`the video is ${frame.format}, not I420`);
      const rows = Array.from({ length: SIZE }, (_, row) => toMean(data.subarray(luma!.offset + row * luma!.stride).subarray(0, SIZE)));
      return toMean(rows);
    } finally {
      frame.close();
    }
  };
  const lookAtCanvas = (canvas: HTMLCanvasElement): number => {
    context.drawImage(canvas, rect.x, rect.y, SIZE, SIZE, 0, 0, SIZE, SIZE);
    const { data } = context.getImageData(0, 0, SIZE, SIZE);
    return data[3] === 0 ? -1 : toMean(data.filter((_, index) => index % 4 !== 3));
  };
  const look = async (): Promise<number> => (video ? lookAtVideo(video) : lookAtCanvas(canvas!));
  const check = async (): Promise<void> => {
    if (!pending) return;
    const begun = performance.now();
    const isThere = (await look()) > 127 === pending.wantsWhite;
    const now = performance.now();
    if (isThere) Object.assign(pending.click, { readMs: now - begun });
    if (isThere) finish(performance.timeOrigin + now - pending.click.at);
    else requestAnimationFrame(() => void check());
  };
  const finish = (ms: number | undefined): void => {
    if (!pending) return;
    const { click, resolve } = pending;
    pending = undefined;
    click.ms = ms;
    resolve();
  };
  /** Times of the first frame of the video that has the other brightness; its callback may come a frame after the pixel could be read. */
  const follow = (click: Click, wantsWhite: boolean, until: number): void => {
    video?.requestVideoFrameCallback(async (now, frame) => {
      if ((await look()) > 127 === wantsWhite) Object.assign(click, toTimes(frame, click.at));
      else if (now < until) follow(click, wantsWhite, until);
    });
  };
  const toTimes = ({ receiveTime = NaN, processingDuration = NaN, presentationTime }: VideoFrameCallbackMetadata, at: number) => ({
    receivedMs: performance.timeOrigin + receiveTime - at,
    decodeMs: processingDuration * 1000,
    presentedMs: performance.timeOrigin + presentationTime - at,
  });
  const press = (at: number): void => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const click: Click = { at: performance.timeOrigin + at, ms: undefined };
    clicks.push(click);
    pending = { click, wantsWhite: !isWhite, resolve, done: promise };
    setTimeout(() => pending?.click === click && finish(undefined), limitMs);
    follow(click, !isWhite, performance.now() + limitMs);
    requestAnimationFrame(() => void check());
  };

  /** The element's own message of a button or key that goes down. */
  const isElementPress = (data: unknown): boolean => {
    if (typeof data !== 'string') return false;
    const { t, down } = JSON.parse(data) as { t?: string; down?: boolean };
    return (t === 'button' || t === 'key') && down === true;
  };
  /** RFC 6143, 7.5.5: PointerEvent is 5, then the mask of held buttons; 7.5.4: KeyEvent is 4, then whether it is down. */
  const isRfbPress = (data: unknown): boolean => {
    if (!ArrayBuffer.isView(data)) return false;
    const [type, held] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return (type === 5 || type === 4) && held !== 0;
  };
  const spy = <T extends { send(data: never): void }>(prototype: T, isPress: (data: unknown) => boolean): void => {
    const { send } = prototype;
    prototype.send = function (this: T, data: never) {
      const at = performance.now();
      send.call(this, data);
      if (isPress(data)) press(at);
    };
  };
  spy(RTCDataChannel.prototype, isElementPress);
  spy(WebSocket.prototype, isRfbPress);

  const settle = async (): Promise<void> => {
    await pending?.done;
    isWhite = (await look()) > 127;
  };
  Object.assign(globalThis, { probe: { look, settle, clicks } satisfies Probe });
}
