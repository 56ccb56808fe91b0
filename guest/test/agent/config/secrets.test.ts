import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { keepSecret, makeSecret, readSecret } from '../../../src/agent/config/secrets.ts';

const test = suite('secrets');

test('a secret has 256 bits and is another each time', () => {
  assert.match(makeSecret(), /^[A-Za-z0-9_-]{43}$/);
  assert.is.not(makeSecret(), makeSecret());
});

test('a kept secret is read back, and only its owner can read it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oriel-'));
  const path = join(folder, 'secret');
  assert.is(await readSecret(path), undefined);
  await keepSecret(path, 'one');
  await keepSecret(path, 'two');
  assert.is(await readSecret(path), 'two');
  assert.is((await stat(path)).mode & 0o777, 0o600);
  await rm(folder, { recursive: true });
});

test.run();
