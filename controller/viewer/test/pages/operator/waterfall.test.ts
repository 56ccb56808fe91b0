import type { Session } from '#contract/session';
import { assert, suite } from '#test/suite';
import { toBars, toTotalMs } from '../../../pages/operator/waterfall.ts';

const test = suite('waterfall');

const START = Date.parse('2026-01-01T00:00:00.000Z');
const at = (ms: number) => new Date(START + ms).toISOString();
const session = (more: Partial<Session>) =>
  ({ createdAt: at(0), updatedAt: at(1000), status: 'vm_created', phases: [], ...more }) as Session;
const NETWORK = { name: 'network', startedAt: at(200), endedAt: at(300), ms: 100 };

test('what comes before the first phase is the image; each bar begins where its phase did', () => {
  const machine = { name: 'machine', startedAt: at(300), endedAt: at(700), ms: 400 };
  const bars = toBars(session({ phases: [NETWORK, machine], status: 'stopped' }), START + 5000);
  assert.equal(bars, [
    { name: 'image', fromMs: 0, ms: 200, state: 'done' },
    { name: 'network', fromMs: 200, ms: 100, state: 'done' },
    { name: 'machine', fromMs: 300, ms: 400, state: 'done' },
  ]);
  assert.is(toTotalMs(bars), 700);
});

test('a phase that runs grows to now, and those to come wait', () => {
  const bars = toBars(session({ status: 'vm_creating', phases: [{ name: 'network', startedAt: at(200) }] }), START + 900);
  assert.equal(
    bars.map(({ name, ms, state }) => [name, ms, state]),
    [
      ['image', 200, 'done'],
      ['network', 700, 'running'],
      ['machine', 0, 'waiting'],
      ['boot', 0, 'waiting'],
      ['desktop', 0, 'waiting'],
    ],
  );
});

test('a session that failed did so in its last phase, also when that was the image', () => {
  assert.equal(
    toBars(session({ status: 'failed', phases: [NETWORK] }), START).map(({ name, state }) => [name, state]),
    [
      ['image', 'done'],
      ['network', 'failed'],
    ],
  );
  assert.equal(toBars(session({ status: 'failed' }), START + 9000), [{ name: 'image', fromMs: 0, ms: 1000, state: 'failed' }]);
});

test('a clock that is behind the controller’s makes no bar shorter than nothing', () => {
  const bars = toBars(session({ status: 'pending' }), START - 5000);
  assert.ok(bars.every(({ ms, fromMs }) => ms >= 0 && fromMs >= 0));
  assert.is(toTotalMs(bars), 1);
});

test.run();
