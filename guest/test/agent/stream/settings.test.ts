import { assert, suite } from '#test/suite';
import { isOther, toSettings } from '../../../src/agent/stream/settings.ts';

const test = suite('stream settings');
const MOST = { bitrateKbps: 4000, framerate: 60 };

for (const [target, bitrateKbps, framerate] of [
  [9000, 4000, 60],
  [4000, 4000, 60],
  [3000, 2850, 60],
  [2000, 1900, 30],
  [1000, 950, 20],
  [400, 380, 12],
  [10, 100, 8],
] as const)
  test(`a link of ${target} kbit/s: ${bitrateKbps} kbit/s, ${framerate} frames a second`, () => {
    assert.equal(toSettings(target, MOST), { bitrateKbps, framerate });
  });

test('what the operator set is the most, and kept where the link carries it', () => {
  assert.equal(toSettings(5000, { bitrateKbps: 1000, framerate: 60 }), { bitrateKbps: 1000, framerate: 60 });
  assert.equal(toSettings(3000, { bitrateKbps: 4000, framerate: 25 }), { bitrateKbps: 2850, framerate: 25 });
});

test('a difference of 3 % is none', () => {
  assert.is(isOther({ bitrateKbps: 1000, framerate: 30 }, { bitrateKbps: 1020, framerate: 30 }), false);
  assert.is(isOther({ bitrateKbps: 1000, framerate: 30 }, { bitrateKbps: 1100, framerate: 30 }), true);
  assert.is(isOther({ bitrateKbps: 1000, framerate: 30 }, { bitrateKbps: 1000, framerate: 20 }), true);
});

test.run();
