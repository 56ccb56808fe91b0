import { join } from 'node:path';
import { providers } from '../../guest/providers/index.ts';
import { assert, suite } from '#test/suite';
import { TOOL_COMMANDS } from '../golden/tools.ts';
import { planTools, readToolsLock, toToolLinks, toToolPlaces } from '../src/tools.ts';

const test = suite('images: tools');
const golden = join(import.meta.dirname, '../golden');
const lock = await readToolsLock(golden);

test('every provider’s tool is locked, with what it is on this platform, and is on the desktop’s path by its command', () => {
  const signingIn = providers.filter(({ login }) => login);
  for (const { package: name, login } of signingIn) {
    assert.ok(lock[`node_modules/${name}`]?.integrity, name);
    assert.ok(TOOL_COMMANDS[login!.command[0]!], login!.command[0]);
  }
  assert.is(Object.keys(TOOL_COMMANDS).length, signingIn.length);
  for (const path of Object.values(TOOL_COMMANDS))
    assert.ok(
      Object.keys(lock).some((place) => place && path.startsWith(`${place}/`)),
      path,
    );
  assert.is(toToolLinks()['/usr/local/bin/codex'], '/opt/oriel-tools/node_modules/@openai/codex/bin/codex.js');
});

test('a changed version is another plan; no script of a package is run', () => {
  const plan = planTools(lock, { npm: '11' });
  const changed = planTools({ ...lock, 'node_modules/@openai/codex': { version: '0.0.1' } }, { npm: '11' });
  assert.not.equal(plan.packages, changed.packages);
  assert.ok(plan.argv.includes('--ignore-scripts'));
});

test('what is in the image is told by where it is there', () => {
  const places = toToolPlaces(lock, (place) => place === 'node_modules/@openai/codex');
  assert.equal(Object.keys(places), ['opt/oriel-tools/node_modules/@openai/codex']);
});

test.run();
