import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { createEnvelope } from '../../src/auth/envelope.ts';
import { readMasterKeys } from '../../src/auth/master-keys.ts';

const test = suite('envelope');
const key = (id: string, fill: number) => ({ id, key: new Uint8Array(32).fill(fill) });
const [old, young] = [key('old', 1), key('young', 2)];
const SECRET = 'a refresh token of some length';

test('what is sealed opens for the same thing only, and no two have one data key', () => {
  const envelope = createEnvelope([old]);
  const [one, two] = [envelope.seal(SECRET, 's-a'), envelope.seal(SECRET, 's-a')];
  assert.is(envelope.open(one, 's-a'), SECRET);
  assert.is(envelope.open(one, 's-b'), undefined);
  assert.is(envelope.open({ ...one, dataKey: two.dataKey }, 's-a'), undefined, 'another one’s data key');
  assert.is(createEnvelope([key('old', 3)]).open(one, 's-a'), undefined, 'another master key of the same name');
});

test('a new master key is under all data keys, without a secret being opened; the old one can go then', () => {
  const sealed = createEnvelope([old]).seal(SECRET, 's-a');
  const both = createEnvelope([young, old]);
  assert.is(both.open(sealed, 's-a'), SECRET);
  const wrapped = both.rewrap(sealed, 's-a')!;
  assert.equal([wrapped.keyId, wrapped.sealed], ['young', sealed.sealed]);
  assert.is(createEnvelope([young]).open(wrapped, 's-a'), SECRET);
  assert.is(createEnvelope([young]).open(sealed, 's-a'), undefined);
  assert.is(both.rewrap(wrapped, 's-a'), undefined, 'it is already');
  assert.is(createEnvelope([young]).rewrap(sealed, 's-a'), undefined, 'it cannot');
});

test('a file of master keys is made once, for its owner only; a wrong line is named without what is in it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-keys-'));
  const path = join(dir, 'keys');
  const [made] = await readMasterKeys({ keyFile: path });
  assert.equal([made!.id, made!.key.length, statSync(path).mode & 0o777], ['k1', 32, 0o600]);
  assert.equal(await readMasterKeys({ keyFile: path }), [made]);
  const newer = `k2 ${Buffer.alloc(32, 9).toString('base64')}`;
  writeFileSync(path, `${newer}\n${readFileSync(path, 'utf8')}`);
  assert.equal(
    (await readMasterKeys({ keyFile: path })).map(({ id }) => id),
    ['k2', 'k1'],
  );
  for (const [text, why] of [
    ['k3 c2hvcnQ=\n', /keys:1: a key is a name/],
    [`${newer}\n${newer}\n`, /two keys have the same name/],
    ['# nothing\n', /there is no key in it/],
  ] as const) {
    writeFileSync(path, text);
    const { message } = await readMasterKeys({ keyFile: path }).then(
      () => new Error('taken'),
      (error: Error) => error,
    );
    assert.match(message, why);
    assert.not.match(message, 'c2hvcnQ');
  }
  rmSync(dir, { recursive: true });
});

test.run();
