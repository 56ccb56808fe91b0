import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBrowser } from '#test/browser';
import { Clone } from './kit/clone.ts';
import { withOriel, type Live } from './kit/live.ts';
import { shuffle, toRandom } from './kit/random.ts';
import type { Report } from './kit/report.ts';
import { hasWindows, waitForSession } from './kit/sessions.ts';
import { readWords, toCount, toNames } from './kit/words.ts';
import { compileFlip, copyFlip } from './latency/flip.ts';
import { measureBlock, type Block } from './latency/measure.ts';
import { buildNovncPage } from './latency/novnc-page.ts';
import { SCENES, type SceneName } from './latency/scenes.ts';
import { toDetails, toLines, toRows } from './latency/tell.ts';
import { VARIANTS, type VariantName } from './latency/variants.ts';

/*
 * Each start is a desktop and a browser of its own. On it, each variant meets each scene, in an order that the seed decides, one page
 * at a time. The variants share desktop, machine and minute; no packet leaves the machine.
 */
const DEFAULTS = { starts: '3', clicks: '70', variants: Object.keys(VARIANTS).join(), scenes: Object.keys(SCENES).join(), seed: '' };
/** After its windows are there, a desktop is busy with itself for a while. */
const SETTLE_MS = 8_000;

interface Plan {
  starts: number;
  clicks: number;
  pairs: { variant: VariantName; scene: SceneName }[];
  seed: number;
}

export async function run(args: string[]): Promise<Report> {
  const plan = toPlan(args);
  const dir = await mkdtemp(join(tmpdir(), 'oriel-bench-'));
  try {
    const flip = await compileFlip(dir);
    await buildNovncPage(dir);
    const random = toRandom(plan.seed);
    const blocks: Block[] = [];
    const facts = await withOriel(async (live) => {
      let browser = '';
      for (let start = 1; start <= plan.starts; start++) browser = await measureStart(live, plan, { start, flip, dir, random }, blocks);
      return { image: live.image, browser };
    });
    return toReport(plan, blocks, facts);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function toPlan(args: string[]): Plan {
  const words = readWords(args, DEFAULTS);
  const variants = toNames(words.variants, Object.keys(VARIANTS) as VariantName[]);
  const scenes = toNames(words.scenes, Object.keys(SCENES) as SceneName[]);
  return {
    starts: toCount(words.starts),
    clicks: toCount(words.clicks),
    pairs: variants.flatMap((variant) => scenes.map((scene) => ({ variant, scene }))),
    seed: words.seed === '' ? Date.now() % 2 ** 32 : toCount(words.seed),
  };
}

/** Measures all pairs on a fresh desktop. Gives the browser's version. */
async function measureStart(
  live: Live,
  { pairs, clicks }: Plan,
  { start, flip, dir, random }: { start: number; flip: string; dir: string; random: () => number },
  blocks: Block[],
): Promise<string> {
  const { sessionId, viewer } = await live.client.startSession({ userId: 'bench', provider: 'desktop' });
  const browser = await startBrowser();
  try {
    await waitForSession(live.client, sessionId, hasWindows);
    const clone = await Clone.find(live, sessionId);
    await copyFlip(clone, flip);
    await sleep(SETTLE_MS);
    for (const pair of shuffle(pairs, random)) {
      const block = await measureBlock({ browser, clone, link: viewer.url, novncDir: dir }, { start, ...pair }, clicks, random);
      blocks.push(block);
      console.log(`start ${start}: ${pair.scene} ${pair.variant}: ${block.samples.map(({ ms }) => ms?.toFixed(0) ?? 'lost').join(' ')}`);
    }
    return `Chromium ${browser.version()}`;
  } finally {
    await browser.close();
    await live.client.stop(sessionId);
  }
}

function toReport({ seed }: Plan, blocks: Block[], facts: Report['facts']): Report {
  const encoders = Object.fromEntries(blocks.map(({ variant, encoder }) => [variant, encoder]));
  return { rows: toRows(blocks), facts: { ...facts, encoders, seed }, lines: toLines(blocks), details: toDetails(blocks) };
}
