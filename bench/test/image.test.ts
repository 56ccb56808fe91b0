import { assert, suite } from '#test/suite';
import type { Lock, LockedPackage } from '../../images/src/lock.ts';
import { mergeLocks } from '../image.ts';

const test = suite('bench: image');

const lock = (requested: string[], versions: Record<string, string>): Lock => ({
  schema: 1,
  suite: 'trixie',
  architecture: 'amd64',
  epoch: Object.keys(versions).length,
  requested,
  packages: Object.entries(versions).map(([name, version]) => ({ name, version }) as LockedPackage),
});

test('a package is added and nothing else of a new lock is taken', () => {
  const merged = mergeLocks(lock(['a'], { a: '1', z: '1' }), lock(['a', 'bc'], { a: '2', bc: '1', libbc: '1' }));
  assert.equal(merged, { ...lock(['a', 'bc'], { a: '1', bc: '1', libbc: '1', z: '1' }), epoch: 2 });
});

test.run();
