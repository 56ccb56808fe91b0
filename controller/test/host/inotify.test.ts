import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { raiseInotifyLimit, readInotifyLimit, toInotifyNeed } from '../../src/host/inotify.ts';

const test = suite('inotify');

async function withLimit(limit: string, act: (path: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-inotify-'));
  try {
    writeFileSync(join(dir, 'limit'), limit);
    await act(join(dir, 'limit'));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test('a limit that is too low is raised to what the desktops need, and both are told', () =>
  withLimit('128\n', async (path) => {
    assert.equal(await raiseInotifyLimit(24, path), { from: 128, to: toInotifyNeed(24) });
    assert.is(await readInotifyLimit(path), toInotifyNeed(24));
  }));

test('a limit that is high enough is left as it is', () =>
  withLimit('8192\n', async (path) => {
    assert.is(await raiseInotifyLimit(24, path), undefined);
    assert.is(readFileSync(path, 'utf8'), '8192\n');
  }));

test('the kernel’s own default holds no sixteen desktops', () => assert.ok(toInotifyNeed(16) > 128));

test('this host has one', async () => assert.ok((await readInotifyLimit()) > 0));

test.run();
