import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillDisk } from '#test/fill-disk';
import { suite, assert } from '#test/suite';
import { StoreFull } from '../../src/store/errors.ts';
import { openStore } from '../../src/store/store.ts';

/* A file system of its own, in the mount namespace that such a test has: it goes with it. */
const test = suite('store on a disk that is really full');
const base = { owner: 'product', userId: 'ann', provider: 'desktop', display: { width: 1280, height: 720 }, idempotencyKey: undefined };

test('a write that finds no room is refused, names the directory and leaves nothing; reads go on, and so do writes when there is room', () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'oriel-test', dir]);
  const path = join(dir, 'oriel.db');
  const store = openStore(path);
  const written: string[] = [];
  const write = () => {
    const id = `s-${written.length}`;
    store.sessions.insert({ ...base, id, at: new Date().toISOString() });
    written.push(id);
  };
  write();
  fillDisk(join(dir, 'filler'));
  const error = untilItThrows(write);
  assert.instance(error, StoreFull);
  assert.equal([error.statusCode, error.code], [503, 'store_full']);
  assert.is(error.message, `the database has no room in ${dir}: make room there`);
  assert.is(
    store.later.do('console', () => store.sessions.saveConsole('s-0', 'x'.repeat(9000), 'now')),
    false,
  );
  for (const id of written) assert.ok(store.sessions.read(id), id);

  rmSync(join(dir, 'filler'));
  store.later.flush();
  assert.is(store.sessions.readConsole('s-0')?.length, 9000);
  write();
  store.close();
  const again = openStore(path);
  assert.is(again.sessions.list(['pending']).length, written.length);
  again.close();
  execFileSync('umount', [dir]);
  rmSync(dir, { recursive: true });
});

test.run();

function untilItThrows(act: () => void): StoreFull {
  for (let count = 0; count < 10_000; count++) {
    try {
      act();
    } catch (error) {
      return error as StoreFull;
    }
  }
  throw new Error('there was room for 10,000 rows');
}
