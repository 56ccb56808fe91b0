import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENT_TYPES, toClientTypes } from '#scripts/client-types';
import { assert, suite } from '#test/suite';

const test = suite('client types');
const CLIENT = join(import.meta.dirname, '..');

test('the client’s types are what the present routes describe: else `just client-types` makes them anew', async () => {
  const made = await toClientTypes();
  assert.ok(made.includes('"/api/auth/start"'), 'something was described');
  // Not the two texts: what differs first is what one wants to see.
  const [kept, present] = [readFileSync(CLIENT_TYPES, 'utf8'), made].map((text) => text.split('\n'));
  const line = present!.findIndex((text, index) => text !== kept![index]);
  assert.equal([line, kept![line], kept!.length], [-1, undefined, present!.length], `line ${line + 1} should be: ${present![line]}`);
});

test('the client imports nothing but itself, and React in the hook', () => {
  const imports = globSync('*.ts', { cwd: CLIENT }).flatMap((file) =>
    [...readFileSync(join(CLIENT, file), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => `${file} ${from}`),
  );
  assert.ok(imports.length > 10);
  assert.equal(
    imports.filter((one) => !/ \.\/[\w-]+\.ts$/.test(one)),
    ['react.ts react'],
  );
});

test.run();
