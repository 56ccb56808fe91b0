import { suite, assert } from '#test/suite';
import { toReason } from '../../../src/machines/shim/machine.ts';

const test = suite('container: end of a machine');

const CASES: [code: number | undefined, oomKills: number, reason: string][] = [
  [0, 0, 'exited with code 0'],
  [3, 0, 'exited with code 3'],
  [137, 0, 'killed by SIGKILL'],
  [143, 0, 'killed by SIGTERM'],
  [200, 0, 'exited with code 200'],
  [137, 2, 'killed by SIGKILL (out of memory: 2 processes were killed)'],
  [undefined, 0, 'ended, its shim did not say how'],
];

for (const [code, oomKills, reason] of CASES)
  test(`code ${code} with ${oomKills} killed: ${reason}`, () => assert.is(toReason(code, oomKills), reason));

test.run();
