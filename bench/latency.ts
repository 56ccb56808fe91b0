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
import { compileTarget } from './kit/compile.ts';
import { HOST_ENV, ShapedLink } from './network/shaped-link.ts';
import type { Shape } from './network/links.ts';
import { compileFlip, copyFlip } from './latency/flip.ts';
import { measureBlock, type Block, type Presses } from './latency/measure.ts';
import { buildNovncPage } from './latency/novnc-page.ts';
import { SCENES, type SceneName } from './latency/scenes.ts';
import { toDetails, toLines, toRows } from './latency/tell.ts';
import { VARIANTS, type VariantName } from './latency/variants.ts';

/*
 * Each start is a desktop and a browser of its own. On it, each variant meets each scene, in an order that the seed decides, one page
 * at a time. The variants share desktop, machine and minute; no packet leaves the machine.
 */
/** `far`: 40 ms round trip, 1 % lost, 4 Mbit/s. */
const WIRES: Record<string, Shape | undefined> = { near: undefined, far: { kbps: 4000, delayMs: 20, jitterMs: 0, lostOf1000: 10 } };
const DEFAULTS = {
  wire: 'near',
  input: 'button',
  starts: '3',
  clicks: '70',
  variants: Object.keys(VARIANTS).join(),
  scenes: Object.keys(SCENES).join(),
  seed: '',
};
/** After its windows are there, a desktop is busy with itself for a while. */
const SETTLE_MS = 8_000;

interface Plan {
  starts: number;
  presses: Presses;
  pairs: { variant: VariantName; scene: SceneName }[];
  seed: number;
  shape: Shape | undefined;
}

export async function run(args: string[]): Promise<Report> {
  const plan = toPlan(args);
  const dir = await mkdtemp(join(tmpdir(), 'oriel-bench-'));
  try {
    const flip = await compileFlip(dir);
    await buildNovncPage(dir);
    const wire = plan.shape && (await ShapedLink.open(await compileTarget(dir, 'link', ['-static'])));
    const random = toRandom(plan.seed);
    const blocks: Block[] = [];
    try {
      const env = wire ? HOST_ENV : {};
      const facts = await withOriel(async (live) => {
        let browser = '';
        for (let start = 1; start <= plan.starts; start++)
          browser = await measureStart(live, plan, { start, flip, dir, random, wire }, blocks);
        return { image: live.image, browser };
      }, env);
      return toReport(plan, blocks, facts);
    } finally {
      wire?.close();
    }
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
    presses: { clicks: toCount(words.clicks), input: toNames(words.input, ['button', 'key'] as const)[0]! },
    pairs: variants.flatMap((variant) => scenes.map((scene) => ({ variant, scene }))),
    shape: WIRES[toNames(words.wire, Object.keys(WIRES))[0]!],
    seed: words.seed === '' ? Date.now() % 2 ** 32 : toCount(words.seed),
  };
}

/** Measures all pairs on a fresh desktop. Gives the browser's version. */
async function measureStart(
  live: Live,
  { pairs, presses, shape }: Plan,
  { start, flip, dir, random, wire }: { start: number; flip: string; dir: string; random: () => number; wire: ShapedLink | undefined },
  blocks: Block[],
): Promise<string> {
  const { sessionId, viewer } = await live.client.startSession({ userId: 'bench', provider: 'desktop' });
  const browser = await startBrowser(wire ? { netns: wire.netns } : {});
  try {
    await waitForSession(live.client, sessionId, hasWindows);
    const clone = await Clone.find(live, sessionId);
    await copyFlip(clone, flip);
    await sleep(SETTLE_MS);
    for (const pair of shuffle(pairs, random)) {
      const block = await measureBlock(
        { browser, clone, link: viewer.url, novncDir: dir, ...(wire && shape && { wire: { link: wire, shape } }) },
        { start, ...pair },
        presses,
        random,
      );
      blocks.push(block);
      console.log(`start ${start}: ${pair.scene} ${pair.variant}: ${block.samples.map(({ ms }) => ms?.toFixed(0) ?? 'lost').join(' ')}`);
    }
    return `Chromium ${browser.version()}`;
  } finally {
    await browser.close();
    await live.client.stop(sessionId);
  }
}

function toReport({ seed, shape, presses }: Plan, blocks: Block[], facts: Report['facts']): Report {
  const encoders = Object.fromEntries(blocks.map(({ variant, encoder }) => [variant, encoder]));
  const name = ['latency', ...(shape ? ['far'] : []), ...(presses.input === 'key' ? ['key'] : [])].join('-');
  return {
    name,
    rows: toRows(blocks),
    facts: { ...facts, encoders, seed, ...(shape && { shape }) },
    lines: toLines(blocks, !!shape),
    details: toDetails(blocks),
  };
}
