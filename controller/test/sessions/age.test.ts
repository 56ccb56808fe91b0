import { suite, assert } from '#test/suite';
import { compareBirths, toAgeMs } from '../../src/sessions/age.ts';

const test = suite('age');
const BORN = { bootId: 'boot', ms: 5_000 };
const CREATED = '2026-01-01T12:00:00.000Z';
const at = (clock: string) => Date.parse(`2026-01-01T${clock}.000Z`);

test('on one boot of the host its own clock counts, wherever the host’s time has jumped to', () => {
  for (const wall of ['11:00:01', '12:00:01', '13:00:01'])
    assert.is(toAgeMs({ createdAt: CREATED, born: BORN }, { bootId: 'boot', ms: 6_000 }, at(wall)), 1_000);
});

test('over a boot, and of a release that wrote down no more, the host’s time counts; none is born in the future', () => {
  const now = { bootId: 'next', ms: 10 };
  assert.is(toAgeMs({ createdAt: CREATED, born: BORN }, now, at('12:00:01')), 1_000);
  assert.is(toAgeMs({ createdAt: CREATED }, now, at('12:00:01')), 1_000);
  assert.is(toAgeMs({ createdAt: CREATED, born: BORN }, now, at('11:00:00')), 0);
});

test('of two the older is first, also when the host’s time jumped back between them', () => {
  const first = { createdAt: '2026-01-01T12:00:00.000Z', born: BORN };
  const second = { createdAt: '2026-01-01T11:00:00.000Z', born: { ...BORN, ms: 6_000 } };
  const booted = { createdAt: '2026-01-01T13:00:00.000Z', born: { bootId: 'next', ms: 1 } };
  assert.equal([booted, second, first].toSorted(compareBirths), [first, second, booted]);
});

test.run();
