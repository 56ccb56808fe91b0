import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { ViewerPage } from '#test/viewer';
import type { Clone } from '../kit/clone.ts';
import { INTERNET } from '#test/internet';
import type { Shape } from '../network/links.ts';
import type { ShapedLink } from '../network/shaped-link.ts';
import { NovncPage } from './novnc-page.ts';
import { startX11vnc } from './x11vnc.ts';

/** A desktop in a page, however it comes there. */
export interface Opened {
  page: Page;
  /** Where a pixel of the desktop is on the page. */
  toPage(x: number, y: number): Promise<{ x: number; y: number }>;
  /** What makes the picture, by its own word. */
  encoder(): Promise<string>;
  close(): Promise<void>;
}

export interface Stage {
  browser: Browser;
  clone: Clone;
  /** Of the session's viewer page. */
  link: string;
  /** Folder with the page of noVNC. */
  novncDir: string;
  /** What is between, and how it is while it is measured; without it nothing is. */
  wire?: { link: ShapedLink; shape: Shape };
}

type Open = (stage: Stage) => Promise<Opened>;

/** The ways to the same desktop, measured one at a time. x11vnc's flags are beside those that say where it listens. */
export const VARIANTS = {
  oriel: openViewer,
  'x11vnc default': (stage: Stage) => openNovnc(stage, []),
  'x11vnc tuned': (stage: Stage) => openNovnc(stage, ['-wait', '5', '-defer', '5']),
} satisfies Record<string, Open>;

export type VariantName = keyof typeof VARIANTS;

/** The agent's encoder goes on for 3 s when nobody looks any more; the next variant has the desktop to itself. */
const ENCODER_LINGERS_MS = 3_500;

async function openViewer({ browser, link }: Stage): Promise<Opened> {
  const viewer = await ViewerPage.open(browser, link);
  const readEncoder = async () =>
    (await viewer.element()).evaluate(({ stats }) => (stats.encoder as { encoder: string } | undefined)?.encoder);
  return {
    page: viewer.page,
    toPage: (x, y) => viewer.toPage(x, y),
    // Told once a second.
    encoder: async () => {
      for (let tries = 0; tries < 30; tries++, await sleep(100)) {
        const encoder = await readEncoder();
        if (encoder !== undefined) return encoder;
      }
      return 'unknown';
    },
    close: async () => {
      await viewer.close();
      await sleep(ENCODER_LINGERS_MS);
    },
  };
}

async function openNovnc({ browser, clone, novncDir, wire }: Stage, flags: string[]): Promise<Opened> {
  const x11vnc = await startX11vnc(clone, flags);
  const novnc = await NovncPage.open(browser, novncDir, x11vnc.socket, wire && INTERNET.hostAddress);
  return {
    page: novnc.page,
    toPage: (x, y) => novnc.toPage(x, y),
    encoder: async () => ['x11vnc', ...flags].join(' '),
    close: async () => {
      await novnc.close();
      await x11vnc.stop();
    },
  };
}
