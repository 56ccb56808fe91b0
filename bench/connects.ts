import type { Browser } from 'playwright-core';
import { startBrowser } from '#test/browser';
import { connectOnce, type Connect } from '#test/connect';
import { withOriel, type Live } from './kit/live.ts';
import type { Report } from './kit/report.ts';
import { hasWindows, waitForSession } from './kit/sessions.ts';
import { readWords, toCount } from './kit/words.ts';

/** A picture that comes later is a failure; one in so many is allowed. */
const LIMIT_MS = 5_000;
const ONE_IN = 200;
/** How long a late picture is waited for, to tell late from never. */
const WAIT_MS = 20_000;

type Failure = Connect & { connect: number; log: string[] };

/** Opens one session in a fresh page again and again: how long each takes to its picture, and why one had none in time. */
export async function run(args: string[]): Promise<Report> {
  const { n } = readWords(args, { n: '200' });
  return withOriel(async (live) => {
    const browser = await startBrowser();
    try {
      const { sessionId, viewer } = await live.client.startSession({ userId: 'bench', provider: 'desktop' });
      await waitForSession(live.client, sessionId, hasWindows);
      const { samples, failures } = await connectAll(live, browser, viewer.url, toCount(n));
      const facts = { image: live.image, browser: `Chromium ${browser.version()}` };
      return toReport(toCount(n), samples, failures, facts);
    } finally {
      await browser.close();
    }
  });
}

async function connectAll({ oriel }: Live, browser: Browser, link: string, n: number) {
  const samples: number[] = [];
  const failures: Failure[] = [];
  for (let connect = 1; connect <= n; connect++) {
    const logged = oriel.output.length;
    const { ms, said } = await connectOnce(browser, link, LIMIT_MS, WAIT_MS);
    if (ms !== undefined) samples.push(ms);
    if (said !== undefined) failures.push({ connect, ms, said, log: oriel.output.slice(logged).split('\n').filter(Boolean) });
    console.log(`${connect}: ${ms === undefined ? 'no picture' : `${Math.round(ms)} ms`}${said === undefined ? '' : `  LATE: ${said}`}`);
  }
  return { samples, failures };
}

function toReport(n: number, samples: number[], failures: Failure[], facts: Report['facts']): Report {
  const inTime = n - failures.length;
  const least = n - Math.floor(n / ONE_IN);
  const verdict = `${inTime} of ${n} had a picture within ${LIMIT_MS / 1000} s, ${least} wanted: ${inTime >= least ? 'met' : 'MISSED'}`;
  const reasons = failures.map(({ connect, ms, said }) => `  ${connect}: ${ms === undefined ? 'none' : `${Math.round(ms)} ms`}; ${said}`);
  return { rows: [{ name: 'navigation → first frame', samples }], facts, lines: [verdict, ...reasons], details: { failures } };
}
