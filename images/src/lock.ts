import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '../golden/layer.ts';
import { LockInvalid } from './errors.ts';

export interface LockedPackage {
  name: string;
  version: string;
  architecture: string;
  sha256: string;
  /** Debian's snapshot archive addresses files by it. */
  sha1: string;
  /** Bytes of the .deb. */
  size: number;
  /** Below the mirror's base URL. No lock names a host: any mirror serves the same bytes. */
  path: string;
  suite: string;
  /** Source package. */
  source: string;
}

/** One set of packages, exactly. */
export interface Lock {
  schema: 1;
  suite: string;
  architecture: string;
  /** SOURCE_DATE_EPOCH of everything made from it, s: the newest date among the suites' signed release files. */
  epoch: number;
  /** What was asked for; the rest is what that depends on. */
  requested: string[];
  packages: LockedPackage[];
}

/** `root` goes into the image, `builder` makes it, `kernel` makes the guest kernel. */
export const LOCK_SETS = ['root', 'builder', 'kernel'] as const;
export type LockSet = (typeof LOCK_SETS)[number];
/** The sets that decide an image's bytes. */
export type ImageLocks = Record<'root' | 'builder', Lock>;

/** Names to resolve for a set, sorted. */
export function toRequested(image: Image, set: LockSet): string[] {
  const packages = { root: image.layers.flatMap((layer) => layer.packages), builder: image.builder, kernel: image.kernel.packages }[set];
  return [...new Set(packages.map(({ name }) => name))].sort();
}

/** Why the lock does not fit the layers; empty when it does. Needs no network. */
export function checkLock(image: Image, set: LockSet, lock: Lock): string[] {
  const requested = toRequested(image, set);
  const known = new Set(lock.packages.map(({ name }) => name));
  return [
    ...(lock.suite === image.suite ? [] : [`${set}: the lock is of ${lock.suite}, the image wants ${image.suite}`]),
    ...requested.filter((name) => !lock.requested.includes(name)).map((name) => `${set}: ${name} is in a layer and not in the lock`),
    ...lock.requested.filter((name) => !requested.includes(name)).map((name) => `${set}: ${name} is in the lock and in no layer`),
    ...lock.requested.filter((name) => !known.has(name)).map((name) => `${set}: ${name} was asked for and has no package`),
    ...lock.packages.filter((locked) => !isSound(locked)).map(({ name }) => `${set}: ${name} has a malformed entry`),
  ];
}

/** What changed from one lock to the next, one line each, for a person. */
export function diffLocks(before: Lock | undefined, after: Lock): string[] {
  const old = new Map(before?.packages.map((locked) => [locked.name, locked]));
  const now = new Map(after.packages.map((locked) => [locked.name, locked]));
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names.flatMap((name) => {
    const from = old.get(name)?.version;
    const to = now.get(name)?.version;
    if (from === to) return [];
    if (!from) return [`+ ${name} ${to}`];
    if (!to) return [`- ${name} ${from}`];
    return [`~ ${name} ${from} → ${to}${now.get(name)?.suite.endsWith('-security') ? ' (security)' : ''}`];
  });
}

/**
 * What the layers ask for now, with each package that was locked before as it was. Its epoch is the old one: were a new package's
 * files newer, they would be clamped to it.
 */
export function keepLocked(before: Lock | undefined, after: Lock): Lock {
  if (!before) return after;
  const old = new Map(before.packages.map((locked) => [locked.name, locked]));
  return { ...after, epoch: before.epoch, packages: after.packages.map((locked) => old.get(locked.name) ?? locked) };
}

/** Throws LockInvalid when the file is missing or no lock. */
export async function readLock(dir: string, set: LockSet): Promise<Lock> {
  const path = join(dir, `${set}.json`);
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new LockInvalid(`${path} is missing: run \`just lock\``, { cause });
  });
  const lock = parseLock(text);
  if (!lock) throw new LockInvalid(`${path} is no lock of this version: run \`just lock\``);
  return lock;
}

export async function writeLock(dir: string, set: LockSet, lock: Lock): Promise<void> {
  const path = join(dir, `${set}.json`);
  await mkdir(dir, { recursive: true });
  await writeFile(`${path}.new`, toText(lock));
  await rename(`${path}.new`, path);
}

/** sha256 of the lock's file as `just lock` writes it. */
export function toLockHash(lock: Lock): string {
  return createHash('sha256').update(toText(lock)).digest('hex');
}

function toText(lock: Lock): string {
  return `${JSON.stringify(lock, null, 2)}\n`;
}

function parseLock(text: string): Lock | undefined {
  try {
    const lock = JSON.parse(text) as Lock;
    return lock.schema === 1 && Array.isArray(lock.packages) && Array.isArray(lock.requested) ? lock : undefined;
  } catch {
    return undefined;
  }
}

function isSound({ sha256, sha1, size, path }: LockedPackage): boolean {
  return (
    /^[0-9a-f]{64}$/.test(sha256) && /^[0-9a-f]{40}$/.test(sha1) && size > 0 && /^pool\/[^:]+\.deb$/.test(path) && !path.includes('..')
  );
}
