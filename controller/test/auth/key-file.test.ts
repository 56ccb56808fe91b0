import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

test.run();
