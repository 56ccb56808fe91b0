import { assert, suite } from '#test/suite';
import { findNeeded } from '../lean/dependencies.ts';
import { toCodeLines } from '../lean/lines.ts';

const test = suite('bench: lean');

test('empty lines and comments are no code', () => {
  assert.is(toCodeLines('/**\n * What it is.\n */\n\nconst a = 1; // why\n// alone\n  return a * b;\n'), 2);
});

test('a package is counted once, from the nearest node_modules', () => {
  const packages = {
    'node_modules/a': { dependencies: { b: '1', c: '1' } },
    'node_modules/b': { dependencies: { c: '2', missing: '1' } },
    'node_modules/b/node_modules/c': {},
    'node_modules/c': {},
    'node_modules/unused': {},
  };
  assert.equal(findNeeded(packages, ['a']).sort(), ['node_modules/a', 'node_modules/b', 'node_modules/b/node_modules/c', 'node_modules/c']);
  assert.equal(findNeeded(packages, ['unused']), ['node_modules/unused']);
});

test.run();
