import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import { type Copied, CopiedReader, readCopied, toPieces } from '../../../src/agent/clipboard/copied.ts';

const test = suite('copied on the desktop');
const dir = mkdtempSync(join(tmpdir(), 'oriel-copied-'));
const env = { PATH: `${dir}:${process.env.PATH}` };
const log = { debug() {}, info() {}, warn() {}, error() {} };
test.after(() => rmSync(dir, { recursive: true }));

/** A shell script in xclip's place; `$5` is the target that is asked for. */
function putXclip(script: string): void {
  writeFileSync(join(dir, 'xclip'), `#!/bin/sh\ncase $5 in\n${script}\nesac\n`, { mode: 0o755 });
}

test('text is read as text, also where there is a picture of it', async () => {
  putXclip(`TARGETS) printf 'TARGETS\\nUTF8_STRING\\nimage/png\\n';;\nUTF8_STRING) printf 'grüße\\n';;`);
  assert.equal(await readCopied(env), { kind: 'text', data: 'grüße\n' });
});

test('a picture is read where there is no text', async () => {
  putXclip(`TARGETS) echo image/png;;\nimage/png) printf PNG;;`);
  assert.equal(await readCopied(env), { kind: 'png', data: Buffer.from('PNG').toString('base64') });
});

test('nothing, too much, and what is never handed over are none', async () => {
  putXclip(`TARGETS) exit 1;;`);
  assert.is(await readCopied(env), undefined);
  putXclip(`TARGETS) echo UTF8_STRING;;\nUTF8_STRING) exec head -c 1048577 /dev/zero;;`);
  assert.is(await readCopied(env), undefined);
  putXclip(`TARGETS) echo UTF8_STRING;;\nUTF8_STRING) exec cat /dev/zero;;`);
  assert.is(await readCopied(env), undefined);
  putXclip(`TARGETS) exec sleep 60;;`);
  assert.is(await readCopied(env), undefined);
});

test('news that comes while it reads is read after it, once; what a viewer has put there is no news', async () => {
  const got: Copied[] = [];
  const reader = new CopiedReader({ env, log: log as never, onCopied: (copied) => void got.push(copied), gapMs: 1 });
  putXclip(`TARGETS) echo UTF8_STRING;;\nUTF8_STRING) echo x >>${dir}/reads; printf one;;`);
  for (let times = 0; times < 20; times++) reader.onNews();
  await until(() => got.length === 1);
  assert.equal(got, [{ kind: 'text', data: 'one' }]);
  reader.expect('mine');
  putXclip(`TARGETS) echo UTF8_STRING;;\nUTF8_STRING) printf mine;;`);
  reader.onNews();
  await sleep(300);
  putXclip(`TARGETS) echo UTF8_STRING;;\nUTF8_STRING) printf two;;`);
  reader.onNews();
  await until(() => got.length === 2);
  assert.is(got[1]!.data, 'two');
});

test('pieces are short, and say where they begin and end', () => {
  const pieces = toPieces({ kind: 'text', data: 'x'.repeat(20_000) });
  assert.equal(
    pieces.map(({ first, more, data }) => [first, more, data.length]),
    [
      [true, true, 8_192],
      [false, true, 8_192],
      [false, false, 3_616],
    ],
  );
});

async function until(isTrue: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !isTrue(); await sleep(10)) if (Date.now() > end) throw new Error('not within 5 s');
}

test.run();
