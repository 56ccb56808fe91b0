import fs from 'node:fs';
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { LogSync } from '../../src/store/log-sync.ts';

const test = suite('log sync');

/** A disk that takes its time: each sync ends when it is told to. */
class FakeDisk {
  readonly syncs: PromiseWithResolvers<void>[] = [];
  readonly sync = () => {
    const one = Promise.withResolvers<void>();
    this.syncs.push(one);
    return one.promise;
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('all that ask at one moment share a sync; who asks while it runs waits for the next', async () => {
  const disk = new FakeDisk();
  const log = new LogSync(disk.sync);
  const done: string[] = [];
  for (const name of ['a', 'b']) void log.done().then(() => done.push(name));
  await turn();
  assert.is(disk.syncs.length, 1);
  for (const name of ['c', 'd']) void log.done().then(() => done.push(name));
  await turn();
  assert.equal([disk.syncs.length, done.join('')], [1, '']);
  disk.syncs[0]!.resolve();
  await turn();
  assert.equal([disk.syncs.length, done.join('')], [2, 'ab']);
  disk.syncs[1]!.resolve();
  await turn();
  assert.equal([disk.syncs.length, done.join('')], [2, 'abcd']);
});

test('a disk that fails is told to those who shared that sync, and asked again for the others', async () => {
  const disk = new FakeDisk();
  const log = new LogSync(disk.sync);
  const first = log.done().catch((error: Error) => error.message);
  await turn();
  const second = log.done().then(() => 'done');
  disk.syncs[0]!.reject(new Error('the disk fails'));
  await turn();
  disk.syncs[1]!.resolve();
  assert.equal(await Promise.all([first, second]), ['the disk fails', 'done']);
});

test('a store syncs its own log', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-sync-'));
  const { fdatasync } = fs;
  const synced: string[] = [];
  fs.fdatasync = ((fd: number, then: () => void) => {
    synced.push(readlinkSync(`/proc/self/fd/${fd}`));
    fdatasync(fd, then);
  }) as typeof fdatasync;
  syncBuiltinESMExports();
  try {
    const { openStore } = await import('../../src/store/store.ts');
    const store = openStore(join(dir, 'oriel.db'));
    await store.synced();
    store.close();
  } finally {
    fs.fdatasync = fdatasync;
    syncBuiltinESMExports();
  }
  assert.equal(synced, [join(dir, 'oriel.db-wal')]);
  rmSync(dir, { recursive: true });
});

test.run();
