import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fetchDeb, type Wanted } from './fetch-deb.ts';
import type { Step } from './progress.ts';
import type { Mirrors } from './sources.ts';
import { withTemporary } from './stage.ts';

/** More would exhaust small resolvers (EAI_AGAIN) and gain nothing. */
const AT_ONCE = 6;

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
  const onBytes = (bytes: number) => step?.update((done += bytes), total, 'bytes');
  const biggestFirst = missing.sort((a, b) => b.size - a.size);
  await withTemporary(cache, (dir) =>
    forEach(biggestFirst, (wanted, signal) =>
      fetchDeb(wanted, from, { path: toDebPath(cache, wanted), aside: join(dir, wanted.sha256), onBytes, signal }),
    ),
  );
}

/** SHA-1 of a .deb in the cache. */
export function toSha1(path: string): Promise<string> {
  return toDigest('sha1', path);
}

/** Those that are not in the cache, or not as they were put there: they are fetched again. */
async function filterMissing(packages: readonly Wanted[], cache: string): Promise<Wanted[]> {
  const missing: Wanted[] = [];
  await forEach(packages, async (wanted) => {
    if (!(await isWhole(toDebPath(cache, wanted), wanted))) missing.push(wanted);
  });
  return missing;
}

async function isWhole(path: string, { size, sha256 }: Wanted): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.size === size && (await toDigest('sha256', path)) === sha256;
}

async function toDigest(algorithm: string, path: string): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** A few at a time. The first failure ends the rest and is thrown when all have ended: nothing goes on behind the error. */
async function forEach<T>(items: readonly T[], work: (item: T, signal: AbortSignal) => Promise<void>): Promise<void> {
  const queue = [...items];
  const abort = new AbortController();
  const worker = async () => {
    for (let item = queue.shift(); item && !abort.signal.aborted; item = queue.shift()) await work(item, abort.signal);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, () => worker().catch((error: unknown) => abort.abort(error))));
  abort.signal.throwIfAborted();
}
