import type { Page } from 'playwright-core';

/** A picture's number, and when the page showed it, ms since 1970. */
export type Shown = [count: number, at: number];

interface Watch {
  shown: Shown[];
}

/** Reads, at each animation frame, the number that bench/targets/motion.c draws into the desktop's upper left corner. */
export async function watchCounter(page: Page): Promise<void> {
  await page.evaluate(watch);
}

export function takeShown(page: Page): Promise<Shown[]> {
  return page.evaluate(() => (globalThis as unknown as { watch: Watch }).watch.shown.splice(0));
}

/** When bench/targets/motion.c said that it drew each number. The counter goes round after half an hour: the last time counts. */
export function toPaints(lines: readonly string[]): Map<number, number> {
  return new Map(lines.slice(1).map((line) => line.split(' ').map(Number) as [number, number]));
}

/** Runs in the page, so all that it needs is in it. */
function watch(): void {
  const [SQUARE, BITS] = [16, 16];
  const video = document.querySelector('oriel-desktop')?.shadowRoot?.querySelector('video') ?? undefined;
  const rect = { x: 0, y: 0, width: SQUARE * BITS, height: SQUARE };
  const shown: Shown[] = [];
  let last = -1;

  const toCount = (isWhite: (x: number) => boolean): number =>
    Array.from({ length: BITS }, (_, bit) => (isWhite(bit * SQUARE + SQUARE / 2) ? 1 << bit : 0)).reduce((sum, value) => sum + value, 0);
  const readVideo = async (element: HTMLVideoElement): Promise<number> => {
    if (element.readyState < element.HAVE_CURRENT_DATA) return -1;
    const frame = new VideoFrame(element);
    try {
      const data = new Uint8Array(frame.allocationSize({ rect }));
      const [luma] = await frame.copyTo(data, { rect });
      return toCount((x) => data[luma!.offset + (SQUARE / 2) * luma!.stride + x]! > 127);
    } finally {
      frame.close();
    }
  };
  const readCanvas = (): number => {
    const data = document
      .querySelector('canvas')
      ?.getContext('2d')
      ?.getImageData(0, SQUARE / 2, SQUARE * BITS, 1).data;
    return data ? toCount((x) => data[x * 4]! > 127) : -1;
  };
  const look = async () => {
    const count = video ? await readVideo(video).catch(() => -1) : readCanvas();
    if (count > 0 && count !== last) shown.push([(last = count), performance.timeOrigin + performance.now()]);
    requestAnimationFrame(() => void look());
  };
  (globalThis as unknown as { watch: Watch }).watch = { shown };
  void look();
}
