import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { startBrowser } from '#test/browser';
import { ViewerPage } from '#test/viewer';
import { readHeard, startHearing, toDelays } from './audio/hear.ts';
import { Clone } from './kit/clone.ts';
import { withOriel, type Live } from './kit/live.ts';
import { watchCpu } from './kit/process-use.ts';
import type { Report } from './kit/report.ts';
import type { Row } from './kit/table.ts';
import { hasWindows, waitForSession } from './kit/sessions.ts';
import { readWords, toCount } from './kit/words.ts';

/** After its windows are there, a desktop is busy with itself for a while. */
const SETTLE_MS = 8_000;
/** What a listener's connection needs until its buffer has its size. */
const LISTEN_MS = 3_000;
const CLICKS = join(import.meta.dirname, 'audio/clicks.mjs');
const TONE = 'gst-launch-1.0 -q audiotestsrc freq=440 volume=0.5 ! audioconvert ! pulsesink';

/** Each start is a desktop of its own, with one viewer, who first does not listen. */
export async function run(args: string[]): Promise<Report> {
  const words = readWords(args, { starts: '3', clicks: '30', seconds: '10' });
  const rows = new Map<string, number[]>();
  const note = (name: string, ...samples: number[]) => void rows.set(name, [...(rows.get(name) ?? []), ...samples]);
  const plan = { clicks: toCount(words.clicks), seconds: toCount(words.seconds) };
  const browser = await startBrowser();
  try {
    const image = await withOriel(
      async (live) => {
        for (let start = 0; start < toCount(words.starts); start++) await measureStart(live, browser, plan, note);
        return live.image;
      },
      { ORIEL_DRIVER: 'container', ORIEL_AUDIO: 'on' },
    );
    return { rows: toRows(rows), facts: { image, browser: `Chromium ${browser.version()}` }, lines: [] };
  } finally {
    await browser.close();
  }
}

function toRows(rows: ReadonlyMap<string, number[]>): Row[] {
  return [...rows].map(([name, samples]) => ({ name, samples }));
}

type Note = (name: string, ...samples: number[]) => void;

async function measureStart(live: Live, browser: Browser, plan: { clicks: number; seconds: number }, note: Note): Promise<void> {
  const { sessionId, viewer: link } = await live.client.startSession({ userId: 'bench', provider: 'desktop' });
  try {
    await waitForSession(live.client, sessionId, hasWindows);
    const clone = await Clone.find(live, sessionId);
    const server = await clone.findProcess(/^pulseaudio\0/);
    const agent = await clone.findProcess(/\/usr\/lib\/oriel\/agent\.mjs/);
    note('its folders made → its socket there, ms', statSync(clone.path('/run/oriel/sound/agent/native')).ctimeMs - foldersMs(clone));
    await sleep(SETTLE_MS);
    note('memory of the sound server (PSS), MiB', readPssMib(server));
    note('sound server, nobody looks, % of a processor', await watchCpu(server, plan.seconds));
    const viewer = await ViewerPage.open(browser, link.url);
    const watch = async (what: string) => {
      await sleep(LISTEN_MS);
      const [ofServer, ofAgent] = await Promise.all([server, agent].map((pid) => watchCpu(pid, plan.seconds)));
      note(`sound server, ${what}, %`, ofServer!);
      note(`agent, ${what}, %`, ofAgent!);
      note(`memory of the agent (PSS), ${what}, MiB`, readPssMib(agent));
    };
    await watch('one looks');
    await viewer.page.getByRole('button', { name: 'Sound' }).click();
    await watch('one listens to silence');
    const tone = clone.start(TONE.split(' '));
    await watch('one listens to a tone');
    await tone.stop();
    note('a click handed to its player → heard in the page, ms', ...(await measureDelay(clone, viewer, plan.clicks)));
    await viewer.close();
  } finally {
    await live.client.stop(sessionId);
  }
}

async function measureDelay(clone: Clone, viewer: ViewerPage, count: number): Promise<number[]> {
  await clone.copyIn(CLICKS, '/tmp/clicks.mjs');
  await startHearing(viewer);
  const clicks = clone.start(['node', '/tmp/clicks.mjs']);
  try {
    await clicks.waitUntil('clicks', () => clicks.lines.length > count, (count + 10) * 1000);
  } finally {
    await clicks.stop();
  }
  const delays = toDelays(clicks.lines.slice(0, count).map(Number), await readHeard(viewer));
  if (delays.length < count) console.log(`${count - delays.length} of ${count} clicks were not heard`);
  return delays;
}

/** The service has made its folders when it starts the server. */
function foldersMs(clone: Clone): number {
  return statSync(clone.path('/run/oriel/sound')).mtimeMs;
}

/** What it holds alone, and its part of what it shares. */
function readPssMib(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]) / 1024;
}
