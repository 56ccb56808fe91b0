import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { startBrowser } from '#test/browser';
import { ViewerPage } from '#test/viewer';
import { Clone, type CloneProgram } from './kit/clone.ts';
import { compileTarget } from './kit/compile.ts';
import { withOriel, type Live } from './kit/live.ts';
import type { Report } from './kit/report.ts';
import { hasWindows, waitForSession } from './kit/sessions.ts';
import { readWords, toCount } from './kit/words.ts';
import { takeShown, toPaints, watchCounter } from './network/watch-counter.ts';
import { grab, readReceivedBytes, type Grabbed } from './stream/grab.ts';
import { readCount, toLikeness, toLuma, toText } from './stream/likeness.ts';
import { REST_PIXELS, SCENES } from './stream/scenes.ts';
import { toLines, toRows } from './stream/tell.ts';
import { UseOfMachine, type Used } from './stream/use-of-machine.ts';

/*
 * What a picture costs and how good it is: a desktop at rest, a page that scrolls, a film, and pages that come one after the other.
 * One viewer on the same machine; what it sees is compared with what the desktop's X server has.
 */
const DEFAULTS = { starts: '3', seconds: '15', pixels: '2', pictures: '6' };
const MOTION = '/tmp/motion';
const TRUTH = '/tmp/truth';
/** After its windows are there, a desktop is busy with itself for a while. */
const SETTLE_MS = 30_000;
const BEGIN_MS = 4_000;
/** After a page has come: when it is looked at. */
export const REST_MS = [250, 500, 1000, 1500] as const;

/** While a scene went on. */
export interface Flow extends Used {
  kbps: number;
  /** Different pictures that the page showed, of those that were drawn. */
  seen: number;
  drawn: number;
  /** Drawn by the X server → seen by the page. */
  delaysMs: number[];
}

/** What one desktop showed. */
export interface Measured {
  idle: Flow;
  scroll: Flow & { likeness: number[] };
  film: Flow;
  /** Of each page, likeness at each of REST_MS: of all of it, and of its text. */
  rest: { all: number[]; text: number[] }[];
}

interface Stage {
  machineId: string;
  clone: Clone;
  page: Page;
  pixels: string;
  seconds: number;
  pictures: number;
}

export async function run(args: string[]): Promise<Report> {
  const words = readWords(args, DEFAULTS);
  const [starts, seconds, pictures] = [words.starts, words.seconds, words.pictures].map(toCount) as [number, number, number];
  const dir = await mkdtemp(join(tmpdir(), 'oriel-bench-'));
  try {
    const motion = await compileTarget(dir, 'motion', ['-lxcb', '-lm']);
    return await withOriel(async (live) => {
      const measured: Measured[] = [];
      let version = '';
      for (let start = 1; start <= starts; start++) {
        const result = await measureStart(live, motion, { pixels: words.pixels, seconds, pictures });
        measured.push(result.measured);
        version = result.version;
        console.log([`start ${start}`, ...toLines([result.measured])].join('\n'));
      }
      const facts = { image: live.image, browser: `Chromium ${version}`, pixels: words.pixels };
      return { rows: toRows(measured), facts, lines: toLines(measured), details: measured.map(toDetails) };
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measureStart(live: Live, motion: string, plan: Pick<Stage, 'pixels' | 'seconds' | 'pictures'>) {
  const { sessionId, viewer } = await live.client.startSession({ userId: 'bench', provider: 'desktop' });
  const browser = await startBrowser();
  try {
    const { machine } = await waitForSession(live.client, sessionId, hasWindows);
    const clone = await Clone.find(live, sessionId);
    await clone.copyIn(motion, MOTION);
    const { page } = await ViewerPage.open(browser, viewer.url, { width: 1280, height: 720 });
    await watchCounter(page);
    await sleep(SETTLE_MS);
    const stage = { ...plan, machineId: machine!.machineId, clone, page };
    const measured: Measured = {
      idle: await watch(stage),
      scroll: await measureScroll(stage),
      film: await withMotion(stage, SCENES.film.words(plan.pixels), (program) => watch(stage, program)),
      rest: await measureRest(stage),
    };
    return { measured, version: browser.version() };
  } finally {
    await browser.close();
    await live.client.stop(sessionId);
  }
}

async function measureScroll(stage: Stage): Promise<Measured['scroll']> {
  const grabbed: Grabbed[] = [];
  const flow = await withMotion(stage, SCENES.scroll.words(stage.pixels), async (program) => {
    const watched = await watch(stage, program);
    for (let picture = 0; picture < stage.pictures; picture++) {
      await sleep(400);
      grabbed.push(await grab(stage.page));
    }
    return watched;
  });
  const likeness: number[] = [];
  for (const picture of grabbed) likeness.push(await compare(stage, picture, stage.pixels));
  return { ...flow, likeness };
}

/** Each page of some, at some times after it was drawn. */
async function measureRest(stage: Stage): Promise<Measured['rest']> {
  const grabbed: Grabbed[][] = [];
  await withMotion(stage, SCENES.rest.words(), async (program) => {
    for (let page = 0; page < stage.pictures; page++) {
      const before = program.lines.length;
      await program.waitUntil('next page', () => program.lines.length > before);
      const drawnAt = Number(program.lines.at(-1)!.split(' ')[1]);
      const pictures: Grabbed[] = [];
      for (const ms of REST_MS) {
        await sleep(Math.max(0, drawnAt + ms - Date.now()));
        pictures.push(await grab(stage.page));
      }
      grabbed.push(pictures);
    }
  });
  const rest: Measured['rest'] = [];
  for (const pictures of grabbed) {
    // The last one has the right number even where the first were late, and still showed the page before.
    const truth = await readTruth(stage, readCount(pictures.at(-1)!), REST_PIXELS);
    const text = toText(truth);
    rest.push({
      all: pictures.map((picture) => toLikeness(picture, truth)),
      text: pictures.map((picture) => toLikeness(toText(picture), text)),
    });
  }
  return rest;
}

async function compare(stage: Stage, picture: Grabbed, pixels: string): Promise<number> {
  return toLikeness(picture, await readTruth(stage, readCount(picture), pixels));
}

/** What the X server has on its screen for a picture of this number. */
async function readTruth(stage: Stage, count: number, pixels: string) {
  const program = stage.clone.start([MOTION, 'still', pixels, String(count), TRUTH]);
  try {
    await program.waitUntil(`picture ${count}`, () => program.lines.includes('ready'));
    const { width, height } = await stage.page.evaluate(() => {
      const { videoWidth, videoHeight } = document.querySelector('oriel-desktop')!.shadowRoot!.querySelector('video')!;
      return { width: videoWidth, height: videoHeight };
    });
    const bgrx = await readFile(stage.clone.path(TRUTH));
    if (bgrx.length !== 4 * width * height) throw new Error(`the screen has ${bgrx.length / 4} pixels, the video ${width}×${height}`);
    return toLuma(bgrx, width, height);
  } finally {
    await program.stop();
  }
}

/** Runs the program of the desktop while `work` looks at it, from when it has begun well. */
async function withMotion<T>({ clone }: Stage, words: readonly string[], work: (program: CloneProgram) => Promise<T>): Promise<T> {
  const program = clone.start([MOTION, ...words]);
  try {
    await program.waitUntil('window', () => program.lines.length > 1);
    await sleep(BEGIN_MS);
    return await work(program);
  } finally {
    await program.stop();
  }
}

async function watch({ machineId, page, seconds }: Stage, program?: CloneProgram): Promise<Flow> {
  const [use, bytes] = [new UseOfMachine(machineId), await readReceivedBytes(page)];
  await takeShown(page);
  const from = Date.now();
  await sleep(seconds * 1000);
  const to = Date.now();
  const [used, shown] = [use.take(), await takeShown(page)];
  const kbps = (((await readReceivedBytes(page)) - bytes) * 8) / (to - from);
  const paints = program ? toPaints(program.lines) : new Map<number, number>();
  const isIn = (at: number | undefined): at is number => at !== undefined && at >= from && at <= to;
  const seen = shown.filter(([count, at]) => isIn(at) && paints.has(count));
  return {
    ...used,
    kbps,
    seen: seen.length,
    drawn: [...paints.values()].filter(isIn).length,
    delaysMs: seen.map(([count, at]) => at - paints.get(count)!),
  };
}

const withoutDelays = ({ delaysMs: _, ...rest }: Flow) => rest;
const toDetails = ({ idle, scroll, film, rest }: Measured) => ({
  idle: withoutDelays(idle),
  scroll: { ...withoutDelays(scroll), likeness: scroll.likeness },
  film: withoutDelays(film),
  rest,
});
