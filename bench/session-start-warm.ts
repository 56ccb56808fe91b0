import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '#test/browser';
import { watchFirstFrame } from '#test/connect';
import { Clone } from './kit/clone.ts';
import { withOriel, type Live } from './kit/live.ts';
import type { Report } from './kit/report.ts';
import { waitForSession } from './kit/sessions.ts';
import { toSummary } from './kit/stats.ts';
import { toVerdict } from './kit/target.ts';
import { readCgroupLayout } from '../controller/src/machines/shim/cgroup.ts';
import { readUsedMib } from '../controller/src/machines/shim/used-memory.ts';

/*
 *   POST /api/auth/start ─► reply ─► page opened ─► its script runs ─► offer ─► answer ─► first frame
 *        └► claim ─► viewable
 */
const STEPS = {
  reply: 'reply of POST /api/auth/start',
  claim: '  phase claim (duration)',
  viewable: 'vm_created',
  page: 'page’s document is there',
  script: 'viewer’s script is there',
  offer: 'page has sent its offer',
  answer: 'page has the answer',
  frameSent: 'agent has sent a frame',
  firstFrame: 'first frame in the page',
} as const;
type Step = keyof typeof STEPS;
type Start = Record<Step, number>;

const MOST_MS = 900;
/** A desktop that was just booted still starts its browser. */
const QUIET = { share: 0.15, lookMs: 1_000, limitMs: 30_000 };
const READY_MS = 60_000;

/** Sessions one after the other, each on a machine of the pool, which is full and quiet again before each; all times count from before the POST. */
export async function runWarm(n: number): Promise<Report> {
  return withOriel(
    async (live) => {
      const browser = await startBrowser();
      try {
        const layout = await readCgroupLayout();
        const held: number[] = [];
        const starts: Start[] = [];
        for (let count = 1; count <= n; count++) {
          await live.oriel.waitForOutput(new RegExp(`(?:"warm machine ready"[^]*){${count}}`), READY_MS, 0);
          await waitUntilQuiet();
          held.push(readUsedMib(layout, live.oriel.instance));
          const start = await startOne(live, browser, `bench-${count}`);
          console.log(`${count}: ${(Object.keys(STEPS) as Step[]).map((step) => `${step} ${Math.round(start[step])}`).join(', ')}`);
          starts.push(start);
        }
        return toReport(starts, { heldMib: toSummary(held).median, image: live.image, browser: `Chromium ${browser.version()}` });
      } finally {
        await browser.close();
      }
    },
    { ORIEL_WARM: '1' },
  );
}

/** Until the processors have little to do; a machine that others use never is, and is measured all the same. */
async function waitUntilQuiet(): Promise<void> {
  for (const until = Date.now() + QUIET.limitMs; Date.now() < until;) {
    const before = await readProcessorTimes();
    await sleep(QUIET.lookMs);
    const after = await readProcessorTimes();
    if ((after.busy - before.busy) / (after.all - before.all) < QUIET.share) return;
  }
}

async function readProcessorTimes(): Promise<{ busy: number; all: number }> {
  const [, ...ticks] = (await readFile('/proc/stat', 'utf8')).split('\n')[0]!.split(/\s+/);
  const times = ticks.slice(0, 8).map(Number);
  const all = times.reduce((sum, time) => sum + time, 0);
  return { busy: all - times[3]! - times[4]!, all };
}

async function startOne(live: Live, browser: Browser, userId: string): Promise<Start> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const { firstFrame } = await watchFirstFrame(page);
  const startedAt = now();
  const { sessionId, viewer } = await live.client.startSession({ userId, provider: 'desktop' });
  const reply = now() - startedAt;
  try {
    const [{ at }] = await Promise.all([firstFrame, page.goto(viewer.url, { waitUntil: 'commit' })]);
    const { phases, marks } = await waitForSession(live.client, sessionId, ({ marks: { firstFrame: sent } }) => sent !== undefined);
    const phase = phases.find(({ name }) => name === 'claim');
    if (!phase) throw new Error(`a cold start: ${phases.map(({ name }) => name).join(', ')}`);
    const bootedAt = await toEpoch(await (await Clone.find(live, sessionId)).bootedAt());
    const seen = Object.fromEntries(Object.entries(await readPage(page)).map(([name, time]) => [name, time - startedAt]));
    return {
      ...{ reply, claim: phase.ms!, viewable: Date.parse(phase.endedAt!) - startedAt },
      ...(seen as Pick<Start, 'page' | 'script' | 'offer' | 'answer'>),
      ...{ frameSent: bootedAt + marks['firstFrame']! - startedAt, firstFrame: at - startedAt },
    };
  } finally {
    await context.close();
    await live.client.stop(sessionId);
  }
}

/** When the page had what it needs on its way, in ms since 1970. */
function readPage(page: Page): Promise<Record<'page' | 'script' | 'offer' | 'answer', number>> {
  return page.evaluate(() => {
    const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const endOf = (isIt: (path: string) => boolean) =>
      performance.timeOrigin + (entries.find(({ name }) => isIt(new URL(name).pathname))?.responseEnd ?? NaN);
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return {
      page: performance.timeOrigin + navigation!.responseEnd,
      script: endOf((path) => path.endsWith('.js')),
      offer: endOf((path) => path.endsWith('/offer')),
      answer: endOf((path) => path.endsWith('/answer')),
    };
  });
}

/** Seconds of the host's uptime as ms since 1970: good to 10 ms, as /proc/uptime is. */
async function toEpoch(uptimeSeconds: number): Promise<number> {
  return now() - (Number.parseFloat(await readFile('/proc/uptime', 'utf8')) - uptimeSeconds) * 1000;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function toReport(starts: Start[], facts: Report['facts']): Report {
  const samples = (step: Step) => starts.map((start) => start[step]);
  return {
    name: 'session-start-warm',
    rows: (Object.entries(STEPS) as [Step, string][]).map(([step, name]) => ({ name, samples: samples(step) })),
    facts,
    lines: [toVerdict({ name: STEPS.firstFrame, samples: samples('firstFrame'), most: { median: MOST_MS } })],
  };
}
