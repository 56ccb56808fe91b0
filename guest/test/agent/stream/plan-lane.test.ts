import { assert, suite } from '#test/suite';
import { planLane } from '../../../src/agent/stream/plan-lane.ts';

const test = suite('lanes: the plan');

for (const [lane, targetKbps, wanted] of [
  ['main', 4000, 'main'],
  ['main', 2000, 'main'],
  ['main', 1900, 'slow'],
  ['slow', 2500, 'slow'],
  ['slow', 3000, 'main'],
] as const)
  test(`${targetKbps} of 4000 kbit/s in the lane ${lane}: ${wanted}`, () => {
    assert.is(planLane({ lane, sinceMs: 0, targetKbps }, 4000, 6000), wanted);
  });

test('who has just been moved stays', () => {
  assert.is(planLane({ lane: 'main', sinceMs: 3000, targetKbps: 500 }, 4000, 6000), 'main');
});

test('who is alone is in the main lane, however slow', () => {
  assert.is(planLane({ lane: 'main', sinceMs: 0, targetKbps: 200 }, 200, 6000), 'main');
});

test.run();
