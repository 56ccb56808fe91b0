import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import type { MachineExit } from '../../../src/machines/driver.ts';
import { explainByConsole, explainVmExit } from '../../../src/machines/vm/panic.ts';

const test = suite('vm: end of a machine');
const RESET: MachineExit = { reason: 'exited with code 0', code: 0 };
const KILLED: MachineExit = { reason: 'killed by SIGKILL', code: 137 };
const PANIC = '[    1.2] Kernel panic - not syncing: dm-verity device corrupted';
const DAMAGED = 'the image is damaged: remove it and build it again: just build-image';
const ORDERLY = 'init: all services are down';

const CASES: [title: string, exit: MachineExit, lines: string[], reason: string][] = [
  ['nothing on the console', RESET, [], 'exited with code 0'],
  ['a panic', RESET, ['init: 1.0 s up', PANIC], `panic: dm-verity device corrupted (${DAMAGED})`],
  ["a panic and the kernel's own last line", RESET, [PANIC, `---[ end ${PANIC} ]---`], `panic: dm-verity device corrupted (${DAMAGED})`],
  ['two panics: the last', RESET, [PANIC, 'Kernel panic - not syncing: Fatal exception'], 'panic: Fatal exception'],
  [
    'the end of PID 1',
    RESET,
    ['Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100'],
    'panic: Attempted to kill init! exitcode=0x00000100 (its init ended)',
  ],
  [
    'an end in order, which is the end of PID 1, too',
    RESET,
    [ORDERLY, 'Kernel panic - not syncing: Attempted to kill init!'],
    'ended in order',
  ],
  ['a program that speaks of it', RESET, [`agent: ${ORDERLY}`], 'exited with code 0'],
  ['a kill after a panic', KILLED, [PANIC], 'killed by SIGKILL'],
  ['a kill after an end in order that took too long', KILLED, [ORDERLY], 'killed by SIGKILL'],
  ['no exit code', { reason: 'ended, its shim did not say how', code: null }, [PANIC], 'ended, its shim did not say how'],
];
for (const [title, exit, lines, reason] of CASES)
  test(`${title}: ${reason}`, () => assert.equal(explainVmExit(exit, lines), { reason, code: exit.code }));

test('the console is read as its shim keeps it; without one the exit is as it was', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'oriel-panic-'));
  const path = join(dir, 'console.log');
  assert.equal(await explainByConsole(RESET, path), RESET);
  await writeFile(
    path,
    `2026-11-21T18:00:00.0+00:00 stdout P [    1.2] Kernel panic - not\n2026-11-21T18:00:00.0+00:00 stdout F  syncing: VFS\r\n`,
  );
  assert.equal(await explainByConsole(RESET, path), { reason: 'panic: VFS', code: 0 });
  await rm(dir, { recursive: true });
});

test.run();
