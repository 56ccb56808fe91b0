import { makeInternet } from '#test/internet';
import { isLong } from '#test/long';
import { assert, suite } from '#test/suite';
import { toPoints } from '../../../test/storm/plan.ts';
import { runStorm } from '../../../test/storm/storm.ts';

const test = suite('storm');
/** Of random instants, beside one kill at each fault point. */
const MORE_KILLS = isLong ? 20 : 2;

test(
  'a controller that is killed at each fault point loses, doubles and leaves nothing',
  async () => {
    makeInternet();
    const { missed, violations, survivals } = await runStorm({
      kills: toPoints(false).length + MORE_KILLS,
      perPoint: 1,
      seed: 6,
      clients: 6,
    });
    assert.equal(violations, []);
    assert.equal(missed, []);
    assert.ok(survivals > 0, 'no machine lived on: nothing was proven of them');
  },
  { timeoutMs: 240_000 },
);

test.run();
