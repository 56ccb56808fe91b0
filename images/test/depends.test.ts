import { assert, suite } from '#test/suite';
import { findNeeded, toDependent } from '../src/depends.ts';

const test = suite('images: who needs whom');

const dependent = (Package: string, Depends = '', more = {}) => toDependent({ Package, ...(Depends && { Depends }), ...more });
const ALL = [
  dependent('app', 'lib (>= 1:2), viewer | other-viewer, awk'),
  dependent('lib', '', { 'Pre-Depends': 'libc6:any (>= 2.41)' }),
  dependent('libc6', 'gcc-base'),
  dependent('gcc-base'),
  dependent('other-viewer'),
  dependent('mawk', '', { Provides: 'awk (= 1), posix-awk' }),
  dependent('lonely', 'app, lonely'),
];

test('a stanza gives names without versions and architectures', () => {
  assert.equal(
    toDependent({ Package: 'a', Essential: 'yes', 'Pre-Depends': 'b:any (>= 1), c [amd64]', Depends: 'd | e(= 2)', Provides: 'f (= 3)' }),
    {
      name: 'a',
      essential: true,
      depends: [['b'], ['c'], ['d', 'e']],
      provides: ['f'],
    },
  );
});

test('dependencies of dependencies, alternatives that are there, and who provides a name', () => {
  assert.equal(findNeeded(ALL, ['app']), ['app', 'gcc-base', 'lib', 'libc6', 'mawk', 'other-viewer']);
});

test('what is known is not told again, nor what it needs', () => {
  assert.equal(findNeeded(ALL, ['app'], new Set(['lib', 'mawk'])), ['app', 'other-viewer']);
});

test('a circle and a name that nobody has end', () => assert.equal(findNeeded(ALL, ['lonely', 'nobody'], new Set(['app'])), ['lonely']));

test.run();
