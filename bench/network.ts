import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '#test/browser';
import { INTERNET } from '#test/internet';
import { ViewerPage } from '#test/viewer';
import { Clone, type CloneProgram } from './kit/clone.ts';
import { compileTarget } from './kit/compile.ts';
import { withOriel } from './kit/live.ts';
import type { Report } from './kit/report.ts';
import { hasWindows, waitForSession } from './kit/sessions.ts';
import { readWords, toNames } from './kit/words.ts';
import { startX11vnc } from './latency/x11vnc.ts';
import { buildNovncPage, NovncPage } from './latency/novnc-page.ts';
import { judge, type Judgement } from './network/judge.ts';
import { type LinkName, LINKS, type Part, WIDE } from './network/links.ts';
import { HOST_ENV, ShapedLink } from './network/shaped-link.ts';
import { toLines, toRows } from './network/tell.ts';
import { takeShown, toPaints, watchCounter } from './network/watch-counter.ts';

/*
 * A page of text and photographs scrolls on the desktop; a browser looks at it through one bottleneck after the other, by
 * Oriel's viewer and by noVNC, which share desktop, link and minute. Nothing else uses the link.
 */
export type VariantName = 'oriel' | 'noVNC';
export type Result = Judgement & { link: LinkName; variant: VariantName };

const DEFAULTS = { links: Object.keys(LINKS).join(), variants: 'oriel,noVNC', pixels: '2' };
const MOTION = '/tmp/motion';
/** 30 pictures a second. */
const PERIOD_MS = '33';
/** What a picture needs to come through, and the sender to find the link's rate. */
const SETTLE_MS = 6000;
const FIRST_PICTURE_MS = 20_000;
const { hostAddress } = INTERNET;

interface Opened {
  page: Page;
  close(): Promise<void>;
}

interface Stage {
  link: ShapedLink;
  motion: CloneProgram;
  open: Record<VariantName, () => Promise<Opened>>;
}

export async function run(args: string[]): Promise<Report> {
  const words = readWords(args, DEFAULTS);
  const names = toNames(words.links, Object.keys(LINKS) as LinkName[]);
  const variants = toNames(words.variants, ['oriel', 'noVNC'] as const);
  const dir = await mkdtemp(join(tmpdir(), 'oriel-bench-'));
  try {
    const [motion, program] = [await compileTarget(dir, 'motion', ['-lxcb', '-lm']), await compileTarget(dir, 'link', ['-static'])];
    await buildNovncPage(dir);
    const link = await ShapedLink.open(program);
    try {
      return await measureAll({ dir, motion, link, names, variants, pixels: words.pixels });
    } finally {
      link.close();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

interface Plan {
  dir: string;
  motion: string;
  link: ShapedLink;
  names: LinkName[];
  variants: VariantName[];
  pixels: string;
}

function measureAll({ dir, motion, link, names, variants, pixels }: Plan): Promise<Report> {
  return withOriel(async (live) => {
    const { sessionId, viewer } = await live.client.startSession({ userId: 'bench', provider: 'desktop' });
    const browser = await startBrowser({ netns: link.netns });
    try {
      await waitForSession(live.client, sessionId, hasWindows);
      const clone = await Clone.find(live, sessionId);
      await clone.copyIn(motion, MOTION);
      const program = clone.start([MOTION, 'scroll', pixels, PERIOD_MS]);
      await program.waitUntil('window', () => program.lines[0] === 'ready');
      const open = {
        oriel: () => ViewerPage.open(browser, viewer.url),
        noVNC: () => openNovnc(clone, browser, dir),
      };
      const results: Result[] = [];
      for (const name of names)
        for (const variant of variants) {
          const result = await measure({ link, motion: program, open }, LINKS[name], variant);
          results.push({ link: name, variant, ...result });
          console.log(toLines([results.at(-1)!])[0]);
        }
      await program.stop();
      return {
        rows: toRows(results),
        facts: { image: live.image, browser: `Chromium ${browser.version()}` },
        lines: toLines(results),
        details: toDetails(results),
      };
    } finally {
      await browser.close();
      await live.client.stop(sessionId);
    }
  }, HOST_ENV);
}

/** x11vnc as it comes. */
async function openNovnc(clone: Clone, browser: Browser, dir: string): Promise<Opened> {
  const x11vnc = await startX11vnc(clone, []);
  const novnc = await NovncPage.open(browser, dir, x11vnc.socket, hostAddress);
  const close = async () => {
    await novnc.close();
    await x11vnc.stop();
  };
  return { page: novnc.page, close };
}

async function measure({ link, motion, open }: Stage, parts: readonly Part[], variant: VariantName): Promise<Judgement> {
  link.shape(WIDE);
  const opened = await open[variant]();
  try {
    await watchCounter(opened.page);
    for (const until = Date.now() + FIRST_PICTURE_MS; (await takeShown(opened.page)).length === 0; await sleep(50))
      if (Date.now() > until) throw new Error(`${variant}: no picture after ${FIRST_PICTURE_MS} ms`);
    link.shape(parts[0]!);
    await sleep(SETTLE_MS);
    await Promise.all([takeShown(opened.page), link.take()]);
    const from = Date.now();
    for (const part of parts) {
      link.shape(part);
      await sleep(part.seconds * 1000);
    }
    const to = Date.now();
    const carried = await link.take();
    link.shape(WIDE);
    const shown = await takeShown(opened.page);
    const bits = parts.reduce((sum, { kbps, seconds }) => sum + kbps * seconds * 1000, 0);
    return judge(shown, toPaints(motion.lines), { from, to }, { carried, bits });
  } finally {
    link.shape(WIDE);
    await opened.close();
  }
}

const toDetails = (results: readonly Result[]) => results.map(({ delaysMs: _, ...rest }) => rest);
