import { assert, suite } from '#test/suite';
import { Limit } from '../../src/host/limit.ts';

const test = suite('limit');

test('it aborts after its time, and says that it was that', async () => {
  using limit = new Limit(5);
  assert.not(limit.signal.aborted);
  // Its timer alone keeps no process alive.
  const alive = setInterval(() => {}, 1);
  await new Promise((resolve) => limit.signal.addEventListener('abort', resolve));
  clearInterval(alive);
  assert.ok(limit.isLate);
  assert.is((limit.signal.reason as Error).name, 'TimeoutError');
});

test('it aborts with a signal that it follows, for its reason, also when that was first', () => {
  const gone = new AbortController();
  using limit = new Limit(60_000, new AbortController().signal, gone.signal);
  gone.abort('gone');
  using late = new Limit(60_000, gone.signal);
  assert.equal([limit.signal.reason, limit.isLate], ['gone', false]);
  assert.equal([late.signal.reason, late.isLate], ['gone', false]);
});

test('once it is disposed it follows nobody', () => {
  const gone = new AbortController();
  const limit = new Limit(60_000, gone.signal);
  limit[Symbol.dispose]();
  gone.abort();
  assert.not(limit.signal.aborted);
});

test.run();
