import { makeInternet } from '#test/internet';
import { assert, suite } from '#test/suite';
import { toPoints } from '../../../test/storm/plan.ts';
import { runStorm } from '../../../test/storm/storm.ts';

const test = suite('storm with a warm pool');
/** Of random instants, beside one kill at each fault point. */
const MORE_KILLS = 4;

test(
  'a controller with a warm pool that is killed at each fault point loses no machine, leaves none, and gives none twice',
  async () => {
    makeInternet();
    const kills = toPoints(true).length + MORE_KILLS;
    const { missed, violations, claimed } = await runStorm({ kills, perPoint: 1, seed: 7, clients: 2, warm: 2 });
    assert.equal(violations, []);
    assert.equal(missed, []);
    assert.ok(claimed > 0, 'no session came from the pool: nothing was proven of it');
  },
  { timeoutMs: 360_000 },
);

test.run();
