import { suite, assert } from '#test/suite';
import { createSealer } from '../../src/auth/seal.ts';

const test = suite('seal');
const SECRET = 'v'.repeat(43);
const sealer = createSealer(new Uint8Array(32).fill(7));

test('what is sealed can be opened, and is never the same text twice', () => {
  const [one, two] = [sealer.seal(SECRET, 'm-a'), sealer.seal(SECRET, 'm-a')];
  assert.equal([sealer.open(one, 'm-a'), sealer.open(two, 'm-a')], [SECRET, SECRET]);
  assert.is.not(one, two);
});

test('the secret is not in it: not plain, not in base64, not in hex', () => {
  const bytes = Buffer.from(sealer.seal(SECRET, 'm-a'), 'base64url');
  const forms = (['utf8', 'base64', 'base64url', 'hex'] as const).map((form) => Buffer.from(SECRET).toString(form).slice(0, 24));
  const text = [bytes.toString('latin1'), bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')].join();
  assert.equal(
    forms.filter((form) => text.includes(form)),
    [],
  );
  assert.ok(Buffer.from(SECRET).toString('hex').includes(forms[3]!), 'and the search would find it');
});

test('another key, another machine, a changed and a cut text open nothing', () => {
  const sealed = sealer.seal(SECRET, 'm-a');
  const changed = Buffer.from(sealed, 'base64url');
  changed[changed.length - 1]! ^= 1;
  const opened = [
    createSealer(new Uint8Array(32)).open(sealed, 'm-a'),
    sealer.open(sealed, 'm-b'),
    sealer.open(changed.toString('base64url'), 'm-a'),
    sealer.open(sealed.slice(0, 20), 'm-a'),
    sealer.open('', 'm-a'),
  ];
  assert.equal(opened, Array(5).fill(undefined));
});

test.run();
