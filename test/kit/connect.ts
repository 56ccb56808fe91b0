import type { Browser, Page } from 'playwright-core';
import { watchConsole } from './browser.ts';

/** When a page had its first frame and when its navigation began, in ms since 1970. */
export interface FirstFrame {
  at: number;
  startedAt: number;
}

/** How one page came to its picture. */
export interface Connect {
  /** From the start of the navigation to the video's first frame, ms; undefined when none came. */
  ms: number | undefined;
  /** What page and viewer said when there was no picture in time. */
  said?: string;
}

/** Opens the link in a fresh page, waits for the video's first frame and closes the page. `limitMs` passed: asks what is wrong, and waits on. */
export async function connectOnce(browser: Browser, link: string, limitMs: number, waitMs = limitMs): Promise<Connect> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    const console = watchConsole(page);
    const { firstFrame } = await watchFirstFrame(page);
    const ms = firstFrame.then(({ at, startedAt }) => at - startedAt);
    await page.goto(link);
    const inTime = await within(ms, limitMs);
    if (inTime !== undefined && inTime <= limitMs) return { ms: inTime };
    const said = `${await readState(page)}; console: ${console.join(' | ') || 'nothing'}`;
    return { ms: inTime ?? (await within(ms, waitMs - limitMs)), said };
  } finally {
    await context.close();
  }
}

/** To be called before the page goes to a viewer: its video's first frame is told the moment it is there. */
export async function watchFirstFrame(page: Page): Promise<{ firstFrame: Promise<FirstFrame> }> {
  const { promise, resolve } = Promise.withResolvers<FirstFrame>();
  await page.exposeBinding('tellFirstFrame', (_, told: FirstFrame) => resolve(told));
  await page.addInitScript(lookForFirstFrame);
  return { firstFrame: promise };
}

/** Runs in the page, before its own scripts. */
function lookForFirstFrame(): void {
  const { tellFirstFrame } = globalThis as unknown as { tellFirstFrame(told: FirstFrame): void };
  const look = (): void => {
    const video = document.querySelector('oriel-desktop')?.shadowRoot?.querySelector('video');
    if (!video) return void requestAnimationFrame(look);
    video.requestVideoFrameCallback(() =>
      tellFirstFrame({ at: performance.timeOrigin + performance.now(), startedAt: performance.timeOrigin }),
    );
  };
  look();
}

/** What the viewer knows about itself, and the words on its page. */
function readState(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.querySelector('oriel-desktop') as (HTMLElement & { stats?: unknown }) | null;
    const words = element?.shadowRoot?.textContent?.replace(/\s+/g, ' ').trim();
    return `stats: ${JSON.stringify(element?.stats)}; page: ${words}`;
  });
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, ms);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
