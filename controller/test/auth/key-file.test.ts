import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { readOrMakeKey } from '../../src/auth/key-file.ts';

const test = suite('key file');

test('a key is made once, for its owner only, and a wrong one is refused', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-key-'));
  const path = join(dir, 'viewer.key');
  const key = await readOrMakeKey(path);
  assert.is(key.length, 32);
  assert.equal(Buffer.from(await readOrMakeKey(path)), Buffer.from(key));
  assert.is(statSync(path).mode & 0o777, 0o600);
  writeFileSync(path, 'short');
  assert.match((await readOrMakeKey(path).catch((error: Error) => error)).toString(), /5 bytes/);
  rmSync(dir, { recursive: true });
});

test('a key that a controller before was writing when it was killed is none: a new one is made, whole', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-key-'));
  writeFileSync(join(dir, 'viewer.key.new'), 'half');
  assert.is((await readOrMakeKey(join(dir, 'viewer.key'))).length, 32);
  assert.equal(readdirSync(dir), ['viewer.key']);
  rmSync(dir, { recursive: true });
});

test.run();
