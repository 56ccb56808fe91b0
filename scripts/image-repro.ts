import { appendFile, mkdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chalk } from 'zx';
import { BuildError } from '../images/src/errors.ts';
import type { Manifest } from '../images/src/manifest.ts';
import { toPaths } from '../images/src/paths.ts';
import { toSeconds } from '../images/src/progress.ts';
import { buildVariation, preparePlace, readSurroundings, type VariedBuild } from '../images/src/repro/build-variation.ts';
import { diffHashes, hashFolder } from '../images/src/repro/compare-files.ts';
import { diffRoots, listRoot } from '../images/src/repro/root-files.ts';
import { findSkippedStages, KERNEL_STAGES, parseSteps, STAGES } from '../images/src/repro/stages-run.ts';
import { CLOCK_LIBRARY, VARIATIONS, type Place, type Variation } from '../images/src/repro/variations.ts';
import { withTemporary } from '../images/src/stage.ts';
import { isThere } from './is-there.ts';

/** The file that gets one byte more, and where it is in the image. */
const CHANGED = { source: 'images/golden/rootfs/guest/oriel/base/README', path: '/oriel/base/README' };
/** Stages that a changed file runs again. */
const AFTER_CHANGE = { overlay: STAGES.overlay, pack: STAGES.pack, check: STAGES.check };
/** Differing files that are named. */
const NAMED = 30;

/*
 * Two builds from nothing, or with `--built` one, beside the image that is there: of this checkout, as `just build-image` has left it.
 */
const { values } = parseArgs({
  options: { built: { type: 'boolean' }, change: { type: 'boolean' }, 'no-control': { type: 'boolean' }, kernel: { type: 'boolean' } },
});
const paths = toPaths(process.env);
const started = performance.now();
const since = () => toSeconds(performance.now() - started);

/** Of the second build. One that stands alone has all processors: how many change nothing is shown where there are two. */
const OTHER: Variation = { ...VARIATIONS[1], oneProcessor: !values.built };

process.exitCode = await withTemporary(paths.cache, prove).catch((error: unknown) => {
  if (!(error instanceof BuildError)) throw error;
  console.error(chalk.red(error.message));
  return error.exitCode;
});

async function prove(scratch: string): Promise<number> {
  if (!isThere(CLOCK_LIBRARY)) throw new BuildError(`${CLOCK_LIBRARY} is missing: just setup installs it`);
  const [first, second] = values.built ? await besideBuilt(scratch) : await bothFromNothing(scratch);
  const differences = await compare(scratch, first, second);
  if (differences.length > 0) {
    console.error([chalk.red('the two builds differ:'), ...differences].join('\n'));
    return 1;
  }
  console.log(chalk.green(`same bytes, ${values.built ? 'as they are published and' : 'both times'} built from nothing (${since()})`));
  return values['no-control'] || values.kernel ? 0 : provesDifference(scratch, first, second.place);
}

/** A folder with what was published. */
type Published = Pick<VariedBuild, 'image'>;

function bothFromNothing(scratch: string): Promise<[VariedBuild, VariedBuild]> {
  return both(VARIATIONS.map((variation) => buildFromNothing(scratch, variation)));
}

/** Where the one that is there was made of something else, there is nothing to compare with: a second one takes its place. */
async function besideBuilt(scratch: string): Promise<[Published, VariedBuild]> {
  const second = await buildFromNothing(scratch, OTHER);
  const built = { image: await realpath(join(paths.images, 'latest')) };
  if ((await readKey(built)) === (await readKey(second))) return [built, second];
  console.log(chalk.yellow(`${built.image} was not made of this checkout: another one is built from nothing`));
  return [await buildFromNothing(scratch, VARIATIONS[0]), second];
}

/** Of all that an image is made of. */
async function readKey({ image }: Published): Promise<string> {
  return (JSON.parse(await readFile(join(image, 'manifest.json'), 'utf8')) as Manifest).createdFrom.key;
}

/** The positive control: one byte more in the second checkout, and the same comparison has to name that file and no other. */
async function provesDifference(scratch: string, first: Published, place: Place): Promise<number> {
  console.log(`\nnow with one byte more in ${CHANGED.source}`);
  await appendFile(join(place.tree, CHANGED.source), '\n');
  const changed = await buildVariation(OTHER, place, toLines('changed'));
  assertStages(changed, AFTER_CHANGE);
  const differences = await compare(scratch, first, changed);
  const files = differences.filter((line) => line.startsWith('/'));
  if (files.length === 1 && files[0]!.startsWith(`${CHANGED.path}: bytes`)) {
    console.log(chalk.green(`the difference was found and named: ${files[0]} (${since()})`));
    return 0;
  }
  console.error(chalk.red(`a byte was changed in ${CHANGED.path}, and this is what was found: ${differences.join('; ') || 'nothing'}`));
  return 1;
}

/** At the same time: that takes half as long. What failed is told when both have ended. */
async function both(builds: readonly Promise<VariedBuild>[]): Promise<[VariedBuild, VariedBuild]> {
  await Promise.allSettled(builds);
  return (await Promise.all(builds)) as [VariedBuild, VariedBuild];
}

async function buildFromNothing(scratch: string, variation: Variation): Promise<VariedBuild> {
  const place = await preparePlace(paths.repository, join(paths.cache, 'debs'), scratch, variation);
  if (values.change && variation.name === 'second') await appendFile(join(place.tree, CHANGED.source), '\n');
  await assertVaried(variation, place);
  const build = await buildVariation(variation, place, toLines(variation.name), values.kernel ? 'kernel' : 'build');
  assertStages(build, values.kernel ? KERNEL_STAGES : STAGES);
  return build;
}

/** Whole lines, each with whose it is. */
function toLines(name: string): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) console.log(chalk.grey(`${name.padEnd(7)}│ `) + line);
  };
}

/** A variation that does not vary would prove nothing. */
async function assertVaried(variation: Variation, place: Place): Promise<void> {
  const seen = await readSurroundings(variation, place);
  console.log(`\n${chalk.bold(`${variation.name} build`)} in ${place.tree}: date, processors, umask, zone: ${seen}; ${variation.locale}`);
  const [date = '', processors, umask] = seen.split(' ');
  const days = Math.round((Date.parse(date) - Date.now()) / 86_400_000);
  const isOff = Math.abs(days - variation.clockDays) > 1 || (variation.oneProcessor && processors !== '1');
  if (isOff || Number(umask) !== Number(variation.umask))
    throw new BuildError(`the ${variation.name} build's surroundings are not as asked`);
}

function assertStages({ output, place }: VariedBuild, stages: Record<string, RegExp>): void {
  const steps = parseSteps(output);
  const skipped = findSkippedStages(steps, stages);
  if (skipped.length > 0) throw new BuildError(`not run in ${place.tree}, so nothing is proven of: ${skipped.join(', ')}`);
  console.log(`stages that were run in ${place.tree}: ${steps.join(' · ')}`);
}

/** Files that are published with different bytes, and where the roots differ inside. Empty when they are the same. */
async function compare(scratch: string, first: Published, second: Published): Promise<string[]> {
  const [one, other] = [await hashFolder(first.image), await hashFolder(second.image)];
  for (const [name, sha256] of Object.entries(one))
    console.log(`${sha256}  ${name}${other[name] === sha256 ? '' : chalk.red('  differs')}`);
  const names = diffHashes(one, other);
  if (!names.includes('rootfs.erofs')) return names;
  const mountPoint = join(scratch, 'mnt');
  await mkdir(mountPoint, { recursive: true });
  const [root, otherRoot] = [
    await listRoot(join(first.image, 'rootfs.erofs'), mountPoint),
    await listRoot(join(second.image, 'rootfs.erofs'), mountPoint),
  ];
  const files = diffRoots(root, otherRoot);
  if (files.length === 0) return [...names, 'no file in the roots differs: it is their order, extended attributes or packing'];
  return [...names, ...files.slice(0, NAMED), ...(files.length > NAMED ? [`… and ${files.length - NAMED} more`] : [])];
}
