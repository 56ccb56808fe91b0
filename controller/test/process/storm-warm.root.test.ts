import { makeInternet } from '#test/internet';
import { nightly } from '#test/long';
import { assert, suite } from '#test/suite';
import { FAULT_POINTS } from '../../src/fault-point.ts';
import { runStorm } from '../../../test/storm/storm.ts';

const test = suite('storm with a warm pool');
/** Of random instants, beside one kill at each fault point. */
const MORE_KILLS = 20;
const PER_POINT = 2;
/** The others are storm.root.test.ts's. */
const POINTS = FAULT_POINTS.filter((point) => point.startsWith('warm '));

nightly(test)(
  'a controller that is killed at each fault point of its warm pool loses no machine, leaves none, and gives none twice',
  async () => {
    makeInternet();
    const kills = PER_POINT * POINTS.length + MORE_KILLS;
    const { missed, violations, claimed } = await runStorm({ kills, perPoint: PER_POINT, points: POINTS, seed: 7, clients: 2, warm: 2 });
    assert.equal(violations, []);
    assert.equal(missed, []);
    assert.ok(claimed > 0, 'no session came from the pool: nothing was proven of it');
  },
  { timeoutMs: 360_000 },
);

test.run();
