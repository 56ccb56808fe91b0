import type { Page } from 'playwright-core';

/** One press of the button, as the page saw it. */
export interface Click {
  /** When the page sent it, ms since 1970. */
  at: number;
  /** From there to the changed pixel read; undefined when it did not come in time. */
  ms: number | undefined;
  /** WebRTC: from there to the last packet of that picture; what its decoding took; from there to its being given to the compositor. */
  receivedMs?: number;
  decodeMs?: number;
  presentedMs?: number;
}

interface Probe {
  /** Mean brightness of the probed place, 0 to 255; -1 while nothing is painted there. */
  look(): number;
  /** Nothing is being waited for; what is seen now is what the next press changes. */
  settle(): Promise<void>;
  clicks: Click[];
}

const LIMIT_MS = 2_000;

/**
 * Puts the measuring script into a viewer's page. The clock starts when the page hands a press to its data channel or
 * WebSocket, and stops when the script, which looks at each animation frame, reads the other brightness at `place`: of the
 * video or of noVNC's canvas, in one way.
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
  const picture = video ?? document.querySelector('canvas')!;
  const context = new OffscreenCanvas(SIZE, SIZE).getContext('2d', { willReadFrequently: true })!;
  const clicks: Click[] = [];
  let pending: { click: Click; wantsWhite: boolean; resolve: () => void; done: Promise<void> } | undefined;
  let isWhite = false;

  const look = (): number => {
    context.drawImage(picture, place.x - SIZE / 2, place.y - SIZE / 2, SIZE, SIZE, 0, 0, SIZE, SIZE);
    const { data } = context.getImageData(0, 0, SIZE, SIZE);
    if (data[3] === 0) return -1;
    return data.reduce((sum, value, index) => (index % 4 === 3 ? sum : sum + value), 0) / (SIZE * SIZE * 3);
  };
  const check = (): void => {
    if (!pending) return;
    const isThere = look() > 127 === pending.wantsWhite;
    const ms = performance.timeOrigin + performance.now() - pending.click.at;
    if (isThere) finish(ms);
    else requestAnimationFrame(check);
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
    video?.requestVideoFrameCallback((now, frame) => {
      if (look() > 127 === wantsWhite) Object.assign(click, toTimes(frame, click.at));
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
    requestAnimationFrame(check);
  };

  /** The element's own message of a button that goes down. */
  const isElementPress = (data: unknown): boolean => {
    if (typeof data !== 'string') return false;
    const { t, down } = JSON.parse(data) as { t?: string; down?: boolean };
    return t === 'button' && down === true;
  };
  /** RFC 6143, 7.5.5: PointerEvent is 5, then the mask of held buttons. */
  const isRfbPress = (data: unknown): boolean => {
    if (!ArrayBuffer.isView(data)) return false;
    const [type, mask] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return type === 5 && mask !== 0;
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
    isWhite = look() > 127;
  };
  Object.assign(globalThis, { probe: { look, settle, clicks } satisfies Probe });
}
