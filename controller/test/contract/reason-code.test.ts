import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REASON_CODES } from '#contract/reason-code';
import { assert, suite } from '#test/suite';

const test = suite('reason codes');
const SOURCES = join(import.meta.dirname, '../../src');

test('the description names every reason that the sources give a session in words of their own', () => {
  // What goes through SessionFailure the compiler checks.
  const told = globSync(['sessions/**/*.ts', 'routes/sessions.ts'], { cwd: SOURCES }).flatMap((file) =>
    [...readFileSync(join(SOURCES, file), 'utf8').matchAll(/\{ code: '([a-z_]+)', message/g)].map(([, code]) => code!),
  );
  assert.ok(told.length >= 8, `${told.length}`);
  assert.equal(
    told.filter((code) => !(REASON_CODES as readonly string[]).includes(code)),
    [],
  );
});

test.run();
