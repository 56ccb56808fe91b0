import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PROVENANCE } from '../../images/src/attest/provenance-file.ts';
import { BuildError } from '../../images/src/errors.ts';
import { toSha256 } from '../../images/src/publish.ts';
import { parseSums, RELEASE, SUMS, type Release } from '../release/release.ts';
import { verifyRelease } from '../release/verify.ts';
import { StoreFailed } from './store-failed.ts';
import type { Store } from './store.ts';

/*
 *  files/SHA256                     a file of any release, by its content: what two releases share is there once
 *  releases/ID/provenance.dsse.json
 *  releases/ID/SHA256SUMS           put last: with it, and not before, there is a release of this name
 */
const toFile = (sha256: string) => `files/${sha256}`;
const toPart = (id: string, name: string) => `releases/${id}/${name}`;

/** Brings a release to a store. Gives its id, and how many of its files went over. One that is there is left as it is. */
export async function publishRelease(dir: string, store: Store): Promise<{ id: string; sent: number; known: number }> {
  const wrong = await verifyRelease(dir, 'unsigned');
  if (wrong.length > 0) throw new BuildError(`${dir} is not what it must be:\n${wrong.join('\n')}`);
  const id = basename(dir);
  if (await store.has(toPart(id, SUMS))) return { id, sent: 0, known: 0 };
  const sums = parseSums(await readFile(join(dir, SUMS), 'utf8'))!;
  const byHash = new Map([...sums].map(([path, sha256]) => [sha256, path]));
  let sent = 0;
  for (const [sha256, path] of byHash) {
    if (await store.has(toFile(sha256))) continue;
    await store.put(toFile(sha256), join(dir, path), sha256);
    sent += 1;
  }
  for (const name of [PROVENANCE, SUMS]) await store.put(toPart(id, name), join(dir, name), await toSha256(join(dir, name)));
  return { id, sent, known: byHash.size - sent };
}

/**
 * Brings a release from a store into a folder of releases, each of its bytes checked against its id. Gives its path. It has its name when it is
 * whole; a folder that has it is left as it is.
 */
export async function fetchRelease(id: string, releases: string, store: Store): Promise<string> {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new StoreFailed(`${id} is no release’s id: 64 letters of 0-9 and a-f are`);
  const target = join(releases, id);
  if (await stat(target).catch(() => undefined)) return target;
  await mkdir(releases, { recursive: true });
  const aside = await mkdtemp(join(releases, '.fetched-'));
  try {
    const dir = join(aside, id);
    await mkdir(dir, { mode: 0o755 });
    await store.get(toPart(id, SUMS), join(dir, SUMS));
    const text = await readFile(join(dir, SUMS));
    if (toHash(text) !== id) throw new StoreFailed(`what the store has as the release ${id} is another: ${toHash(text)}`);
    for (const [path, sha256] of parseSums(text.toString('utf8'))!) await fetchFile(store, sha256, join(dir, path));
    await store.get(toPart(id, PROVENANCE), join(dir, PROVENANCE));
    const { files } = JSON.parse(await readFile(join(dir, RELEASE), 'utf8')) as Release;
    for (const { path, mode } of files) await chmod(join(dir, path), Number.parseInt(mode, 8));
    const wrong = await verifyRelease(dir, 'unsigned');
    if (wrong.length > 0) throw new StoreFailed(`the release ${id} of the store is not what it must be:\n${wrong.join('\n')}`);
    await rename(dir, target);
    return target;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function fetchFile(store: Store, sha256: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await store.get(toFile(sha256), path);
  const found = await toSha256(path);
  if (found !== sha256) throw new StoreFailed(`files/${sha256} of the store is damaged: its sha256 is ${found}`);
}

function toHash(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
