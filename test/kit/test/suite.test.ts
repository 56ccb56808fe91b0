import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { assert, suite } from '#test/suite';
import { runKind } from '../run.ts';

const test = suite('test kit', { timeoutMs: 20_000 });
const root = resolve(import.meta.dirname, '../../..');

/** Runs a test file with this body as the runner does, without the runner; returns its exit code. */
function exitCodeOf(body: string): number | null {
  const dir = mkdtempSync(join(import.meta.dirname, '.tmp-'));
  try {
    const file = join(dir, 'x.ts');
    writeFileSync(file, `import { assert, suite } from '#test/suite';\nconst test = suite('x', { timeoutMs: 200 });\n${body}`);
    return spawnSync(process.execPath, [file], {
      cwd: root,
      env: { ...process.env, ORIEL_TEST_NAME: '', ORIEL_TEST_FD: '' },
      timeout: 10_000,
    }).status;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test('a file whose tests pass exits 0', () => {
  assert.is(exitCodeOf(`test('a', () => assert.ok(true)); test.run();`), 0);
});

for (const [what, body] of [
  ['a test that fails', `test('a', () => assert.ok(false)); test.run();`],
  ['a hook that throws', `test.before(() => { throw new Error('hook'); }); test('a', () => {}); test.run();`],
  ['a closing hook that throws', `test.after(() => { throw new Error('hook'); }); test('a', () => {}); test.run();`],
  ['a suite that is never run', `test('a', () => {});`],
  ['a test that takes for ever', `test('a', () => new Promise((resolve) => setTimeout(resolve, 1000))); test.run();`],
  ['an .only left in', `test.only('a', () => {}); test.run();`],
] as const) {
  test(`${what} makes the file fail`, () => {
    assert.not.equal(exitCodeOf(body), 0);
  });
}

test('a name that matches nothing runs nothing', async () => {
  assert.equal(await runKind('root', 'no-test-has-this-name', mkdtempSync('/tmp/oriel-kit-')), { passed: 0, failed: 0, skipped: 0 });
});

test.run();
