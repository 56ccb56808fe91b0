import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceState } from '#contract/guest';
import { diffCensus, takeCensus } from '#test/census';
import { listNew, toCoreDir } from '#test/core-dumps';
import { INTERNET } from '#test/internet';
import { listInMachine } from '#test/machine';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { tryKill } from '#test/processes';
import { readRights } from '#test/rights';
import { SlowDesk } from '#test/slow-desk';
import { assert, suite } from '#test/suite';

/*
 * The desktop in a true virtual machine, whose processors are emulated: all is as in a container, and slow. One machine for all tests;
 * its neighbour is only a network, with somebody who answers.
 */
const SLOW = 8 * PACE;
const test = suite('a desktop in a virtual machine', { timeoutMs: 240_000 });

const env = {
  ORIEL_DRIVER: process.env.ORIEL_TEST_VM_DRIVER ?? 'qemu',
  ORIEL_BIND: '0.0.0.0',
  ORIEL_PUBLIC_ADDRESSES: INTERNET.hostAddress,
};
const desk = new SlowDesk({ oriel: new Oriel({ env }), slow: SLOW });
let before: string[] = [];

test.before(async () => {
  await desk.start(() => void (before = takeCensus()));
});
test.after(() => desk.stop());

test('it is a virtual machine, and says so', async () => {
  const { machine } = await desk.read();
  assert.equal([machine?.driver, machine?.isolation], [env.ORIEL_DRIVER, 'virtual-machine']);
  if (process.env.ORIEL_SCREENSHOT) await desk.viewer.page.screenshot({ path: process.env.ORIEL_SCREENSHOT });
});

test('all services are ready, and the windows of terminal and browser are there', async () => {
  const { services } = await desk.read<{ services: ServiceState[] }>('/services');
  const { marks } = await desk.read();
  assert.equal(
    services.filter(({ state }) => state !== 'ready'),
    [],
  );
  assert.ok(services.length > 5 && marks['terminal']! > 0 && marks['chromium']! > 0, JSON.stringify({ services, marks }));
  process.stdout.write(`marks, ms after the kernel's start: ${JSON.stringify(marks)}\n`);
});

test('its picture comes by WebRTC: a typed command runs, reaches a server through the proxy, and the picture shows what came of it', async () => {
  await desk.showByte(0b1010_0110);
  await desk.showByte(0b0101_1001);
  assert.is(await desk.viewer.transport(), 'webrtc');
});

test("noVNC's picture shows it, too", async () => {
  await desk.viewer.clickSwitch();
  for (const until = Date.now() + 12_000 * SLOW; (await desk.viewer.transport()) !== 'vnc'; await sleep(100))
    assert.ok(Date.now() < until, await desk.viewer.describe());
  await desk.showByte(0b1100_0011);
  await desk.showByte(0b0011_0110);
  assert.is(await desk.viewer.transport(), 'vnc');
});

test('its kernel line is in no argv on the host', () => {
  const args = execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' });
  assert.match(args, /qemu-system-x86_64 |firecracker/);
  assert.not.match(args, /oriel\.config=/);
});

test('SIGABRT of the virtual machine and of its shim leaves no core file of what is in its memory', async () => {
  const pids = listInMachine((await desk.read()).machine!.machineId);
  assert.ok(pids.length >= 2, `${pids.length} processes`);
  const dirs = [...new Set(pids.flatMap((pid) => toCoreDir(pid) ?? []))];
  for (const pid of pids)
    assert.ok(
      readRights(pid).core.every((bytes) => bytes <= 1),
      `${pid} may leave one`,
    );
  const before = new Map(dirs.map((dir) => [dir, readdirSync(dir)]));
  for (const pid of pids) tryKill(pid, 'SIGABRT');
  for (const until = performance.now() + 10_000 * SLOW; (await desk.read()).status !== 'failed'; await sleep(200))
    assert.ok(performance.now() < until, 'the session has failed');
  for (const [dir, names] of before)
    if (existsSync(dir))
      assert.equal(
        listNew(dir, names).filter((name) => name.includes('core')),
        [],
        dir,
      );
});

test('Ctrl-C leaves nothing behind', async () => {
  await desk.browser.close();
  assert.is(await desk.oriel.interrupt(), 0);
  assert.equal(diffCensus(before, takeCensus()), []);
});

test.run();
