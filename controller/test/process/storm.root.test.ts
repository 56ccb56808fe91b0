import { makeInternet } from '#test/internet';
import { assert, suite } from '#test/suite';
import { FAULT_POINTS } from '../../src/fault-point.ts';
import { runStorm } from '../../../test/storm/storm.ts';

const test = suite('storm');
/** Of random instants, beside one kill at each fault point. */
const MORE_KILLS = 4;

test(
  'a controller that is killed at each fault point loses, doubles and leaves nothing',
  async () => {
    makeInternet();
    const { missed, violations, survivals } = await runStorm({ kills: FAULT_POINTS.length + MORE_KILLS, perPoint: 1, seed: 6, clients: 6 });
    assert.equal(violations, []);
    assert.equal(missed, []);
    assert.ok(survivals > 0, 'no machine lived on: nothing was proven of them');
  },
  { timeoutMs: 240_000 },
);

test.run();
