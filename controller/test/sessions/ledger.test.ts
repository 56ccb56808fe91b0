import { suite, assert } from '#test/suite';
import { toLater } from '../../src/sessions/ledger.ts';

const test = suite('ledger');

test('a version is later than the one before, also when the clock stands or jumps back', () => {
  const before = '2026-01-01T00:00:00.000Z';
  const now = Date.parse(before);
  assert.is(toLater(before, now), '2026-01-01T00:00:00.001Z');
  assert.is(toLater(before, now - 3_600_000), '2026-01-01T00:00:00.001Z');
  assert.is(toLater(before, now + 5), '2026-01-01T00:00:00.005Z');
});

test.run();
