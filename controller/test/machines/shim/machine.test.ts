import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { toReason, watchExit } from '../../../src/machines/shim/machine.ts';

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

/** Of a machine whose process is gone, and its shim with it. */
async function readEnd(exitFile: string | undefined) {
  const runDir = mkdtempSync(join(tmpdir(), 'oriel-exit-'));
  mkdirSync(join(runDir, 'exit'));
  if (exitFile !== undefined) writeFileSync(join(runDir, 'exit/m-x'), exitFile);
  const cgroup = {
    groups: [],
    around: [],
    writes: [],
    parents: [],
    unit: [],
    members: join(runDir, 'none'),
    oomFile: join(runDir, 'none'),
  };
  const exit = await watchExit({ machineId: 'm-x', driver: 'container', runDir, pid: 2 ** 22 + 1, startTime: 1 }, cgroup);
  rmSync(runDir, { recursive: true });
  return exit;
}

for (const text of [undefined, '', '\n', '13x', '-', '1\n3'])
  test(`an exit file that is half written (${JSON.stringify(text)}) says nothing`, async () =>
    assert.equal(await readEnd(text), { reason: 'ended, its shim did not say how', code: null }));

test('one that is whole is read', async () => assert.equal(await readEnd('137'), { reason: 'killed by SIGKILL', code: 137 }));

test.run();
