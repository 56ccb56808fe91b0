import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { readTurnSecret, TurnSecretInvalid } from '../../src/ice/turn-secret.ts';

const test = suite('TURN secret');
const dir = mkdtempSync(join(tmpdir(), 'oriel-turn-'));
const path = join(dir, 'turn');
const A = 'a1'.repeat(32);
const B = 'b2'.repeat(32);

test.after(() => rmSync(dir, { recursive: true }));

function write(text: string, mode = 0o600): void {
  writeFileSync(path, text);
  chmodSync(path, mode);
}

test('the first line is used; the others and notes are for coturn', async () => {
  write(`# since May\n${B}\n${A}\n`);
  assert.is((await readTurnSecret(path)).secret, B);
  write(`${A}\n`, 0o640);
  assert.is((await readTurnSecret(path)).secret, A);
});

const BAD: [what: string, text: string, words: RegExp, mode?: number][] = [
  ['nothing', '\n# a note\n', /there is no secret in it/],
  ['one that is too short', 'a'.repeat(31), /line 1 has 31 characters/],
  ['one that is too long', 'a'.repeat(129), /line 1 has 129 characters/],
  ['a character that ends a word elsewhere', `${A}\n${B}'`, /line 2 has 65 characters, or one that it may not have/],
  ['one twice', `${A}\n${A}\n`, /one is there twice/],
  ['nine of them', Array.from({ length: 9 }, (_, index) => `${index}${A}`).join('\n'), /9 secrets are more than 8/],
  ['a whole book', `${A}\n`.repeat(100), /it has 6500 bytes/],
  ['a file that everybody reads', A, /its mode is 644: .*chmod 600/, 0o644],
  ['a file that its group writes', A, /its mode is 660/, 0o660],
];

for (const [what, text, words, mode] of BAD)
  test(`${what} is refused, without a word of it`, async () => {
    write(text, mode);
    const error = await readTurnSecret(path).then(
      () => undefined,
      (error: Error) => error,
    );
    assert.instance(error, TurnSecretInvalid);
    assert.match(error!.message, words);
    assert.match(error!.message, /^ORIEL_TURN_SECRET_FILE: .*openssl rand -hex 32$/);
    for (const secret of [A, B, 'a'.repeat(31)]) assert.not.match(error!.message, secret);
  });

test('no file, and what is no file', async () => {
  for (const [at, words] of [
    [join(dir, 'none'), /cannot be read: ENOENT/],
    [join(dir, 'folder'), /it is no file/],
  ] as const) {
    mkdirSync(join(dir, 'folder'), { recursive: true });
    await readTurnSecret(at).then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, words),
    );
  }
});

test.run();
