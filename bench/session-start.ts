import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { PHASES, type Session } from '#contract/session';
import { startBrowser } from '#test/browser';
import { watchFirstFrame } from '#test/connect';
import { Clone } from './kit/clone.ts';
import { withOriel, type Live } from './kit/live.ts';
import type { Report } from './kit/report.ts';
import { hasWindows, waitForSession } from './kit/sessions.ts';
import { toVerdict } from './kit/target.ts';
import { readWords, toCount } from './kit/words.ts';
import { runWarm } from './session-start-warm.ts';

/*
 *   POST /api/auth/start ─► reply ─► page opened ──────────────────────────► first frame ┐
 *        └► network ─► machine ─► boot ─► desktop ─► viewable        (WebRTC offer …)    │
 *                           └► x ─► agent ─► terminal ─► chromium   (windows, as the window manager has them)
 */
const STEPS = {
  reply: 'reply of POST /api/auth/start',
  ...(Object.fromEntries(PHASES.map((name) => [name, `  phase ${name} (duration)`])) as Record<(typeof PHASES)[number], string>),
  viewable: 'vm_created',
  x: 'X ready',
  agent: 'agent ready',
  offer: 'page has sent its offer',
  answer: 'page has the answer',
  frameSent: 'agent has sent a frame',
  firstFrame: 'first frame in the page',
  terminal: 'terminal window',
  chromium: 'Chromium window',
} as const;
type Step = keyof typeof STEPS;
type Start = Record<Step, number>;

const WARM = '--warm';
const TARGETS: Partial<Record<Step, number>> = { firstFrame: 2000, terminal: 3000, chromium: 4000 };
/** The session before is taken down; what it left to the kernel should be too. */
const REST_MS = 1000;

/** `--warm`: on machines of the pool, see session-start-warm.ts. Else starts sessions one after the other, each looked at by a page from its first moment; all times count from before the POST. */
export async function run(args: string[]): Promise<Report> {
  const { n } = readWords(
    args.filter((word) => word !== WARM),
    { n: '20' },
  );
  if (args.includes(WARM)) return runWarm(toCount(n));
  return withOriel(async (live) => {
    const browser = await startBrowser();
    try {
      const starts: Start[] = [];
      for (let count = 1; count <= toCount(n); count++) {
        await sleep(REST_MS);
        const start = await startOne(live, browser, `bench-${count}`);
        console.log(`${count}: ${(Object.keys(TARGETS) as Step[]).map((step) => `${STEPS[step]} ${Math.round(start[step])}`).join(', ')}`);
        starts.push(start);
      }
      return toReport(starts, { image: live.image, browser: `Chromium ${browser.version()}` });
    } finally {
      await browser.close();
    }
  });
}

async function startOne(live: Live, browser: Browser, userId: string): Promise<Start> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const { firstFrame } = await watchFirstFrame(page);
  const startedAt = now();
  const { sessionId, viewer } = await live.client.startSession({ userId, provider: 'desktop' });
  const reply = now() - startedAt;
  try {
    const [session, { at }] = await Promise.all([
      waitForSession(live.client, sessionId, (session) => hasWindows(session) && session.marks['firstFrame'] !== undefined),
      firstFrame,
      page.goto(viewer.url, { waitUntil: 'commit' }),
    ]);
    const bootedAt = await toEpoch(await (await Clone.find(live, sessionId)).bootedAt());
    const [offer, answer] = (await readSignals(page)).map((signalAt) => signalAt - startedAt) as [number, number];
    return { reply, offer, answer, firstFrame: at - startedAt, ...toTimes(session, startedAt, bootedAt) };
  } finally {
    await context.close();
    await live.client.stop(sessionId);
  }
}

/** Phases are durations; the rest counts from `startedAt`. The guest's marks count from `bootedAt`. */
function toTimes(
  { phases, marks }: Session,
  startedAt: number,
  bootedAt: number,
): Omit<Start, 'reply' | 'offer' | 'answer' | 'firstFrame'> {
  const phase = (name: string) => phases.find((one) => one.name === name)!;
  const mark = (name: string) => bootedAt + marks[name]! - startedAt;
  const durations = Object.fromEntries(PHASES.map((name) => [name, phase(name).ms!])) as Record<(typeof PHASES)[number], number>;
  const guest = {
    ...{ x: mark('x'), agent: mark('agent'), frameSent: mark('firstFrame') },
    ...{ terminal: mark('terminal'), chromium: mark('chromium') },
  };
  return { ...durations, ...guest, viewable: Date.parse(phase('desktop').endedAt!) - startedAt };
}

/** When the page had sent its first offer, and had the answer to it, in ms since 1970. */
function readSignals(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const calls = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    return ['/offer', '/answer'].map(
      (path) => performance.timeOrigin + (calls.find(({ name }) => new URL(name).pathname.endsWith(path))?.responseEnd ?? NaN),
    );
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
    rows: (Object.entries(STEPS) as [Step, string][]).map(([step, name]) => ({ name, samples: samples(step) })),
    facts,
    lines: (Object.entries(TARGETS) as [Step, number][]).map(([step, most]) =>
      toVerdict({ name: STEPS[step], samples: samples(step), most: { median: most } }),
    ),
  };
}
