import { setTimeout as sleep } from 'node:timers/promises';
import { PACE } from './pace.ts';
import type { ViewerPage } from './viewer.ts';

export interface Size {
  width: number;
  height: number;
}

/** The place of the picture on the page, in pixels of the device; the desktop as the guest told of it; the video. */
export async function readSizes(viewer: ViewerPage): Promise<Record<'stage' | 'desktop' | 'video', Size>> {
  return (await viewer.element()).evaluate(({ shadowRoot, desktopSize, video }) => {
    const { width, height } = shadowRoot!.querySelector('.stage')!.getBoundingClientRect();
    return {
      stage: { width: Math.round(width * devicePixelRatio), height: Math.round(height * devicePixelRatio) },
      desktop: desktopSize,
      video: { width: video.videoWidth, height: video.videoHeight },
    };
  });
}

/** Makes the page so large that its stage has this size, in CSS pixels. */
export async function resizeStage(viewer: ViewerPage, { width, height }: Size): Promise<void> {
  const element = await viewer.element();
  const readBar = () => element.evaluate(({ shadowRoot }) => shadowRoot!.querySelector<HTMLElement>('.bar')!.offsetHeight);
  await viewer.page.setViewportSize({ width, height: height + (await readBar()) });
  // In a narrow page it has more lines.
  await viewer.page.setViewportSize({ width, height: height + (await readBar()) });
}

/** Waits until the desktop, and the picture of it, have this size, and have kept it for a moment. */
export async function waitForDesktop(viewer: ViewerPage, wanted: Size, timeoutMs = 10_000 * PACE): Promise<void> {
  const isIt = ({ width, height }: Size) => width === wanted.width && height === wanted.height;
  let sizes = await readSizes(viewer);
  for (let since = 0, until = Date.now() + timeoutMs; Date.now() < until; await sleep(20)) {
    sizes = await readSizes(viewer);
    if (!isIt(sizes.desktop) || !isIt(sizes.video)) since = 0;
    else if (Date.now() - (since ||= Date.now()) > 200) return;
  }
  throw new Error(`no desktop of ${wanted.width} × ${wanted.height}: ${JSON.stringify(sizes)}; ${await viewer.describe()}`);
}
