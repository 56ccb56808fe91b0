import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { mirrorOf } from './apt.ts';
import { BuildError, PackageVanished } from './errors.ts';
import type { LockedPackage } from './lock.ts';
import type { Step } from './progress.ts';
import type { ResolvedPackage } from './resolve.ts';
import type { Mirrors } from './sources.ts';

/** More would exhaust small resolvers (EAI_AGAIN) and gain nothing. */
const AT_ONCE = 6;
const ATTEMPTS = 3;

type Wanted = ResolvedPackage & Partial<LockedPackage>;

/** Where a .deb is kept: by content, so that a mirror which drops it takes nothing away. */
export function toDebPath(cache: string, { sha256 }: Pick<Wanted, 'sha256'>): string {
  return join(cache, 'debs', `${sha256}.deb`);
}

/** Brings every .deb into the cache, verified. Throws PackageVanished when a mirror has one no more. */
export async function fetchDebs(packages: readonly Wanted[], cache: string, mirrors: () => Promise<Mirrors>, step?: Step): Promise<void> {
  await mkdir(join(cache, 'debs'), { recursive: true });
  const missing = await filterMissing(packages, cache);
  if (missing.length === 0) return;
  const from = await mirrors();
  const total = missing.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const queue = [...missing].sort((a, b) => b.size - a.size);
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      await fetchDeb(next, toDebPath(cache, next), from, (bytes) => step?.update((done += bytes), total, 'bytes'));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** SHA-1 of a .deb in the cache. */
export async function toSha1(path: string): Promise<string> {
  const hash = createHash('sha1');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
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

async function filterMissing(packages: readonly Wanted[], cache: string): Promise<Wanted[]> {
  const sizes = await Promise.all(
    packages.map((wanted) =>
      stat(toDebPath(cache, wanted)).then(
        (found) => found.size,
        () => -1,
      ),
    ),
  );
  return packages.filter((wanted, index) => sizes[index] !== wanted.size);
}

async function fetchDeb(wanted: Wanted, path: string, mirrors: Mirrors, onBytes: (bytes: number) => void): Promise<void> {
  for (const url of toUrls(wanted, mirrors)) {
    const response = await request(url, wanted);
    if (response) return save(response, wanted, path, onBytes);
  }
  throw await toVanished(wanted, mirrors);
}

/** Undefined when the server says that it has no such file. */
async function request(url: string, { name, version }: Wanted): Promise<Response | undefined> {
  let cause: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const response = await fetch(url);
      if (response.ok) return response;
      await response.body?.cancel();
      if (response.status === 404 || response.status === 410) return undefined;
      cause = new Error(`${url}: ${response.status}`);
    } catch (error) {
      cause = error;
    }
    if (attempt < ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, attempt * 500));
  }
  throw new BuildError(`${name} ${version} could not be fetched: ${cause instanceof Error ? toReason(cause) : cause}`, { cause });
}

/** Written aside and renamed when it is what the lock says, so that a killed build leaves no half .deb under a good name. */
async function save(
  response: Response,
  { name, version, sha256, size }: Wanted,
  path: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const aside = `${path}.${process.pid}`;
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    await pipeline(
      Readable.fromWeb(response.body as ReadableStream),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.length;
          onBytes(chunk.length);
          yield chunk;
        }
      },
      createWriteStream(aside),
    );
    const got = hash.digest('hex');
    if (bytes !== size) throw new BuildError(`${name} ${version}: ${bytes} bytes came, the lock says ${size}`);
    if (got !== sha256) throw new BuildError(`${name} ${version}: sha256 is ${got}, the lock says ${sha256}`);
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
}

async function toVanished(wanted: Wanted, mirrors: Mirrors): Promise<PackageVanished> {
  const folder = `${mirrorOf(mirrors, wanted.suite)}/${wanted.path.replace(/[^/]+$/, '')}`;
  const listing = await fetch(folder).then(
    (response) => (response.ok ? response.text() : ''),
    () => '',
  );
  const now = parseListing(listing, wanted.name).filter((version) => version !== wanted.version);
  return new PackageVanished(
    `${wanted.name} ${wanted.version} is on the mirror no more (${now.length ? `it has ${now.join(', ')} now` : 'what it has now cannot be listed'}). ` +
      `Run \`just lock\`, or set ORIEL_DEBIAN_SNAPSHOT to a snapshot archive.`,
  );
}

function toReason(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
