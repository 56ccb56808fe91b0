import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image, Selection, User } from '../golden/layer.ts';
import type { Lock } from './lock.ts';
import { IN_OWN_NAMESPACE_OFFLINE } from './namespace.ts';
import type { Step } from './progress.ts';
import { writeRepository } from './repository.ts';
import { CLEAN_ENV, run } from './run.ts';
import { findTarEnd } from './tar.ts';

/** All that decides the bytes of a root filesystem made from packages; its hash is the stage's key. */
export interface RootPlan {
  suite: string;
  architecture: string;
  epoch: number;
  /** sha256 of every .deb, by name. */
  debs: Record<string, string>;
  include: string[];
  dpkgOptions: string[];
  /** Shell scripts that get the root's path as $1. After essential packages are in; after all are in. */
  essentialHook: string;
  customizeHook: string;
}

/** Without a sync per file: a build that is cut off is thrown away as a whole. */
const UNSAFE_IO = 'force-unsafe-io';

export function planBase(image: Image, lock: Lock): RootPlan {
  return {
    ...planPackages(lock),
    dpkgOptions: [
      UNSAFE_IO,
      ...image.pathExcludes.map((pattern) => `path-exclude=${pattern}`),
      ...image.pathIncludes.map((pattern) => `path-include=${pattern}`),
    ],
    essentialHook: toUsersHook(image.users),
    customizeHook: toCleanHook(image),
  };
}

export function planBuilder(lock: Lock): RootPlan {
  return {
    ...planPackages(lock),
    dpkgOptions: [UNSAFE_IO, 'path-exclude=/usr/share/man/*', 'path-exclude=/usr/share/doc/*'],
    essentialHook: '',
    customizeHook: '',
  };
}

/** Makes the root as `base.tar` (sorted, times clamped to the epoch, without the end mark so that another tar can follow). */
export async function buildTar(plan: RootPlan, lock: Lock, cache: string, dir: string, step?: Step): Promise<void> {
  const tar = join(dir, 'base.tar');
  await buildRoot(plan, lock, cache, dir, tar, step);
  await truncate(tar, await findTarEnd(tar));
}

/** Makes the root as a folder. */
export async function buildFolder(plan: RootPlan, lock: Lock, cache: string, dir: string, step?: Step): Promise<void> {
  const root = join(dir, 'root');
  await mkdir(root);
  await buildRoot(plan, lock, cache, dir, root, step);
}

async function buildRoot(plan: RootPlan, lock: Lock, cache: string, dir: string, target: string, step?: Step): Promise<void> {
  // Beside the result and not in it: what is left of it goes with the temporary folder.
  const work = join(dir, '..', 'work');
  await mkdir(join(work, 'tmp'), { recursive: true });
  await writeRepository(join(work, 'repository'), lock, cache);
  const hooks = { essential: join(work, 'essential-hook'), customize: join(work, 'customize-hook') };
  await writeFile(hooks.essential, `#!/bin/sh\nset -eu\n${plan.essentialHook}`, { mode: 0o755 });
  await writeFile(hooks.customize, `#!/bin/sh\nset -eu\n${plan.customizeHook}`, { mode: 0o755 });
  const env = { ...CLEAN_ENV, SOURCE_DATE_EPOCH: String(plan.epoch), TMPDIR: join(work, 'tmp'), DEBIAN_FRONTEND: 'noninteractive' };
  await run([...IN_OWN_NAMESPACE_OFFLINE, '--', ...toArgv(plan, join(work, 'repository'), hooks, target)], {
    env,
    onLine: (line) => step?.note(toNote(line)),
  });
}

export function toArgv(plan: RootPlan, repository: string, hooks: { essential: string; customize: string }, target: string): string[] {
  return [
    // A umask of the host would show in what the hooks make.
    ...['sh', '-c', 'umask 022; exec "$@"', 'mmdebstrap'],
    'mmdebstrap',
    '--mode=root',
    '--variant=apt',
    `--format=${target.endsWith('.tar') ? 'tar' : 'directory'}`,
    `--architectures=${plan.architecture}`,
    '--components=main',
    `--include=${plan.include.join(',')}`,
    '--aptopt=APT::Install-Recommends "false"',
    ...plan.dpkgOptions.map((option) => `--dpkgopt=${option}`),
    `--essential-hook=${hooks.essential}`,
    `--customize-hook=${hooks.customize}`,
    plan.suite,
    target,
    `deb [trusted=yes] copy://${repository} ${plan.suite} main`,
  ];
}

function planPackages(lock: Lock) {
  return {
    suite: lock.suite,
    architecture: lock.architecture,
    epoch: lock.epoch,
    debs: Object.fromEntries(lock.packages.map(({ name, sha256 }) => [name, sha256])),
    include: lock.requested,
  };
}

/** Before any package can take an id. '*' is a password that nothing matches; pwconv moves it to shadow. */
function toUsersHook(users: readonly User[]): string {
  const append = (file: string, line: string) => `printf '%s\\n' '${line}' >>"$1/etc/${file}"\n`;
  return users
    .map(
      ({ name, uid, comment, home, shell, makeHome }) =>
        append('passwd', `${name}:*:${uid}:${uid}:${comment}:${home}:${shell}`) +
        append('group', `${name}:x:${uid}:`) +
        (makeHome ? `mkdir -m 700 "$1${home}"\ncp "$1"/etc/skel/.[!.]* "$1${home}/"\nchown -R ${uid}:${uid} "$1${home}"\n` : ''),
    )
    .join('');
}

/** A name that is not there is a mistake, or nothing would tell that the package has changed. */
function toSelect({ folder, keep }: Selection): string {
  const others = keep.map((name) => `! -name '${name}'`).join(' ');
  const checks = keep.map(
    (name) => `[ -e "$1${folder}/${name}" ] || { echo "${folder}/${name} is to stay and is not there" >&2; exit 1; }`,
  );
  return [...checks, `find "$1${folder}" -maxdepth 1 -type f ${others} -delete`].join('\n');
}

/** Purges what others pull in, then deletes what the build and the host left. */
function toCleanHook(image: Image): string {
  const removals = image.layers.flatMap((layer) => layer.remove ?? []).map(({ name }) => name);
  const deletions = image.layers.flatMap((layer) => layer.delete ?? []).map(({ path }) => path);
  return [
    // One by one: in one call dpkg orders them itself, and a removal script may need what went before it.
    ...removals.map((name) => `chroot "$1" dpkg --force-depends --purge ${name}`),
    ...deletions.map((path) => `rm -rf "$1"${path}`),
    ...image.layers.flatMap((layer) => layer.select ?? []).map(toSelect),
    // Nothing in a desktop needs to become another user: mount, su, utempter and the like lose the bit, and root does without.
    'find "$1" -xdev -type f -perm /6000 -exec chmod ug-s {} +',
    // mmdebstrap brings the first two from the host; the third names the build's repository.
    'rm -f "$1/etc/resolv.conf" "$1/etc/hostname" "$1/etc/apt/sources.list"',
    '',
  ].join('\n');
}

/** mmdebstrap's own words, not apt's and dpkg's. */
function toNote(line: string): string {
  return /^I: (.*)/.exec(line)?.[1] ?? /^(?:Unpacking|Setting up) \S+/.exec(line)?.[0] ?? '';
}
