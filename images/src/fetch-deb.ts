import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { mirrorOf } from './apt.ts';
import { BuildError, PackageVanished } from './errors.ts';
import type { LockedPackage } from './lock.ts';
import type { ResolvedPackage } from './resolve.ts';
import type { Mirrors } from './sources.ts';

const ATTEMPTS = 3;

/** A package of a lock, or one that is to be locked: its SHA-1 is not known yet. */
export type Wanted = ResolvedPackage & Partial<LockedPackage>;

/** Where a .deb goes. */
export interface Target {
  path: string;
  /** Where it is written until it is what the lock says: on the same file system, in a folder that a killed build does not leave behind. */
  aside: string;
  onBytes: (bytes: number) => void;
  signal: AbortSignal;
}

/** Fetches one .deb, verified. Throws PackageVanished, or BuildError naming package and version. */
export async function fetchDeb(wanted: Wanted, mirrors: Mirrors, target: Target): Promise<void> {
  for (const url of toUrls(wanted, mirrors)) if (await download(url, wanted, target)) return;
  throw await toVanished(wanted, mirrors);
}

/** URLs to try, best first. */
export function toUrls(wanted: Wanted, mirrors: Mirrors): string[] {
  const pool = `${mirrorOf(mirrors, wanted.suite)}/${wanted.path}`;
  return mirrors.snapshot && wanted.sha1 ? [pool, `${mirrors.snapshot}/file/${wanted.sha1}`] : [pool];
}

/** Versions of a package in a mirror's listing of its pool folder. */
export function parseListing(html: string, name: string): string[] {
  const file = new RegExp(`href="${name.replace(/[.+]/g, '\\$&')}_([^_"]+)_[^_"]+\\.deb"`, 'g');
  return [...new Set([...decodeURIComponent(html.replace(/%(?![0-9a-f]{2})/gi, '%25')).matchAll(file)].map((match) => match[1]!))];
}

/** False when the server says that it has no such file. Tried again when the way to it is bad, not when its bytes are. */
async function download(url: string, wanted: Wanted, target: Target): Promise<boolean> {
  const { name, version } = wanted;
  let cause: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const response = await fetch(url, { signal: target.signal });
      if (response.ok) return await save(response, wanted, target).then(() => true);
      await response.body?.cancel();
      if (response.status === 404 || response.status === 410) return false;
      cause = new Error(`status ${response.status}`);
    } catch (error) {
      // What goes wrong on the way is a TypeError: fetch's own rule.
      if (!(error instanceof TypeError)) throw error;
      cause = error;
    }
    if (attempt < ATTEMPTS) await sleep(attempt * 500, undefined, { signal: target.signal });
  }
  throw new BuildError(`${name} ${version} could not be fetched from ${url}: ${toReason(cause as Error)}`, { cause });
}

async function save(response: Response, wanted: Wanted, { path, aside, onBytes, signal }: Target): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  const count = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes(chunk.length);
      yield chunk;
    }
  };
  await pipeline(Readable.fromWeb(response.body as ReadableStream), count, createWriteStream(aside), { signal });
  assertLocked(wanted, bytes, hash.digest('hex'));
  await rename(aside, path);
}

function assertLocked({ name, version, size, sha256 }: Wanted, bytes: number, got: string): void {
  if (bytes !== size) throw new BuildError(`${name} ${version}: ${bytes} bytes came, the lock says ${size}`);
  if (got !== sha256) throw new BuildError(`${name} ${version}: sha256 is ${got}, the lock says ${sha256}`);
}

async function toVanished(wanted: Wanted, mirrors: Mirrors): Promise<PackageVanished> {
  const folder = `${mirrorOf(mirrors, wanted.suite)}/${wanted.path.replace(/[^/]+$/, '')}`;
  const listing = await fetch(folder).then(
    (response) => (response.ok ? response.text() : ''),
    () => '',
  );
  const now = parseListing(listing, wanted.name).filter((version) => version !== wanted.version);
  const has = now.length ? `it has ${now.join(', ')} now` : 'what it has now cannot be listed';
  const what = `${wanted.name} ${wanted.version} is on the mirror no more (${has})`;
  if (mirrors.snapshot) return new PackageVanished(`${what}, and not in the snapshot archive. Run \`just lock\`.`);
  return new PackageVanished(`${what}. Run \`just lock\`, or set ORIEL_DEBIAN_SNAPSHOT to a snapshot archive.`);
}

function toReason(error: Error): string {
  return error.cause instanceof Error
    ? `${error.message}: ${error.cause.message || (error.cause as NodeJS.ErrnoException).code}`
    : error.message;
}
