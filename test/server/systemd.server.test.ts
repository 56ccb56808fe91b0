import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestStatus } from '#contract/guest';
import { PACE } from '#test/pace';
import { ServedOriel } from '#test/server/served-oriel';
import { makeServerNetwork } from '#test/server/network';
import { SlowDesk } from '#test/slow-desk';
import { assert, suite } from '#test/suite';
import { ViewerPage } from '#test/viewer';
import { planCgroup, toCgroupLayout } from '../../controller/src/machines/shim/cgroup-plan.ts';

/*
 * Oriel as an operator has it: a unit of the real systemd of a Debian server, whose processors are emulated. What is asserted of time is
 * in proportion to what the same picture did before: such a machine shows a few frames a second, and none while a controller starts.
 */
const SLOW = 8 * PACE;
const test = suite('a session under systemd', { timeoutMs: 600_000 });

/** It is on its way for as long as it is told to, and then comes through at once. */
const DOWNLOAD = { bytes: 20_000_000, bytesPerSecond: 40_000 };
const FAST = 5_000_000;
/** Ends of the controller, each by what an operator, or a fault, does. */
const RESTART = 'systemctl restart oriel';
const KILL = 'kill -9 "$(systemctl show --value -p MainPID oriel)"';

const oriel = new ServedOriel({ ORIEL_FRAMERATE: '10', ORIEL_BITRATE_KBPS: '1500' });
const { server } = oriel;
const desk = new SlowDesk({ oriel, slow: SLOW });
let machineId = '';
let before: Awaited<ReturnType<typeof readProcesses>>;
let picture: { gapMs: number; changes: number };

test.before(async () => {
  await desk.start(makeServerNetwork);
  // It takes half of what such processors can do, and shows nothing here.
  await desk.typeLine('pkill chromium; pkill xfce4-panel');
  machineId = (await desk.read()).machine!.machineId;
  before = await readProcesses();
});
test.after(async () => {
  if (process.env.ORIEL_SCREENSHOT) await desk.viewer?.page.screenshot({ path: process.env.ORIEL_SCREENSHOT });
  await desk.stop();
});

test('machine, shim and egress process are in units of their own, and nothing of them in the controller’s', async () => {
  assert.match(before.controller.group, /^\/oriel\.slice\/oriel\.service$/);
  for (const { group } of [before.machine, before.shim]) assert.is(group, `/oriel.slice/oriel-machines.slice/oriel-${machineId}.scope/in`);
  assert.match(before.egress.group, /^\/oriel\.slice\/oriel-egress-[0-9a-f]{8}\.scope$/);
  const inside = await server.run('cat /sys/fs/cgroup/oriel.slice/oriel.service/cgroup.procs');
  assert.equal(inside.trim().split('\n'), [before.controller.pid]);
});

test('the kernel has a machine’s limits from its unit, also after systemd has read its units anew', async () => {
  const group = dirname(`/sys/fs/cgroup${before.machine.group}`);
  const read = () => server.run(`cd ${group} && cat memory.max cpu.max pids.max in/cpu.weight`);
  const limits = ['2147483648', '200000 100000', '2048', '1'];
  assert.equal((await read()).trim().split('\n'), limits);
  await server.run('systemctl daemon-reload');
  assert.equal((await read()).trim().split('\n'), limits);
});

test('the picture goes on and a download comes through, whenever the controller is restarted or killed', async () => {
  await desk.startCounting();
  picture = await watchFor(20_000);
  const flow = { ...DOWNLOAD };
  desk.target.flow('/big', flow);
  await desk.typeLine(`curl -s ${desk.target.url}/big | wc -c | curl -s --data-binary @- ${desk.target.url}/said/big`);
  await desk.target.waitFor('the download', ({ path }) => path === '/big', 10_000 * SLOW);
  const pictures = await desk.viewer.countPictures();
  const watch = desk.watch();
  for (const end of [RESTART, KILL]) await endController(end);
  assert.not.ok(
    desk.target.received.some(({ path }) => path === '/said/big'),
    'the download was on its way all the time',
  );
  flow.bytesPerSecond = FAST;
  const { body } = await desk.target.waitFor('the end of the download', ({ path }) => path === '/said/big', 300_000 * PACE);
  const { gapMs, changes } = await watch.stop();
  console.log(`longest time without a new picture: ${Math.round(gapMs)} ms (${Math.round(picture.gapMs)} ms before), of ${changes} seen`);
  assert.is(Number(body), DOWNLOAD.bytes);
  assert.is(await desk.viewer.countPictures(), pictures, 'it is the same connection');
  assert.ok(gapMs <= 4 * picture.gapMs + 4_000, `the picture stood still for ${Math.round(gapMs)} ms`);
  const { machine, shim, egress } = await readProcesses();
  assert.equal({ machine, shim, egress }, { machine: before.machine, shim: before.shim, egress: before.egress });
});

test('noVNC is back each time that the controller was restarted or killed', async () => {
  const context = await desk.browser.newContext({ viewport: { width: 1280, height: 800 } });
  const vnc = await ViewerPage.goTo(context, desk.session.link);
  await vnc.waitForPicture(15_000 * SLOW);
  await vnc.clickSwitch();
  await waitForVnc(vnc);
  for (const end of [RESTART, KILL]) {
    const closed = (await vnc.closeCodes()).length;
    await endController(end);
    for (const until = Date.now() + 5_000 * SLOW; (await vnc.closeCodes()).length === closed; await sleep(100))
      assert.ok(Date.now() < until, 'its connection was cut');
    const since = performance.now();
    await waitForVnc(vnc);
    console.log(`noVNC back ${Math.round(performance.now() - since)} ms after the controller`);
  }
  await vnc.close();
});

test('status and input work afterwards, on the same machine and the same agent', async () => {
  await desk.stopCounting();
  await desk.showByte(0b1010_0110);
  const { status, machine, services } = await desk.read();
  assert.equal([status, machine?.machineId], ['vm_created', machineId]);
  assert.is(services.find(({ name }) => name === 'agent')?.restarts, 0);
  const { peers } = await desk.read<GuestStatus>('/services');
  assert.ok(
    peers.some(({ state }) => state === 'connected'),
    JSON.stringify(peers),
  );
});

test('a program for which a machine has no memory is killed, and not the machine, as systemd can', async () => {
  const layout = toCgroupLayout([{ path: '/sys/fs/cgroup', type: 'cgroup2', source: '', options: [], superOptions: [] }], 257);
  const { unit } = planCgroup(layout, 'oriel', 'm-outofmemory', { memoryMib: 32, cpus: 1, pids: 16 });
  const hog = `sh -c 'tail /dev/zero; sleep 2; echo goes on'`;
  const ours = await server.tryRun(`${toLine(unit)} ${hog}`);
  assert.match(ours.stdout, /goes on/, ours.stderr);
  const theirs = await server.tryRun(`${toLine(unit.map((word) => word.replace('OOMPolicy=continue', 'OOMPolicy=stop')))} ${hog}`);
  assert.not.match(theirs.stdout, /goes on/);
});

test('with its session a machine’s unit is gone, and with `down` the egress process’s', async () => {
  const { sessionId, apiKey, origin } = desk.session;
  await fetch(`${origin}/api/auth/session/${sessionId}`, { method: 'DELETE', headers: { authorization: `Bearer ${apiKey}` } });
  await waitForUnits(/^oriel-egress-\S+\.scope oriel\.service$/);
  await server.run('systemctl stop oriel', { timeoutMs: 120_000 });
  await waitForUnits(/^oriel-egress-\S+\.scope$/);
  await oriel.main('down');
  await waitForUnits(/^$/);
  assert.is(await server.run('ip netns list; ls /sys/fs/cgroup/oriel.slice/oriel-machines.slice 2>/dev/null | grep scope || true'), '');
  assert.is(await server.run('findmnt -rno TARGET | grep -E "^/run/oriel" || true'), '', 'and no image is mounted');
});

function toLine(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(' ');
}

/** Ends the controller and waits until another one serves. */
async function endController(line: string): Promise<void> {
  const pid = await readMainPid();
  const since = performance.now();
  await server.run(line, { timeoutMs: 120_000 });
  await oriel.untilReady(pid);
  console.log(`${line.slice(0, 60)}: served again after ${Math.round(performance.now() - since)} ms`);
}

async function watchFor(ms: number): ReturnType<ReturnType<typeof desk.watch>['stop']> {
  const watch = desk.watch();
  await sleep(ms);
  return watch.stop();
}

async function waitForVnc(page: ViewerPage): Promise<void> {
  const isThere = async () => (await page.transport()) === 'vnc' && (await page.readSquares([{ x: 250, y: 500 }])).length > 0;
  for (const until = Date.now() + 12_000 * SLOW; !(await isThere().catch(() => false)); await sleep(100))
    if (Date.now() > until) throw new Error(`not by vnc; ${await page.describe()}`);
}

/** Units of Oriel that run, by systemd's word. */
async function waitForUnits(names: RegExp): Promise<void> {
  const list = async () =>
    (await server.run("systemctl list-units --all --plain --no-legend 'oriel*.scope' 'oriel*.service' --state=active,failed,deactivating"))
      .split('\n')
      .map((line) => line.split(' ')[0]!)
      .filter(Boolean)
      .sort()
      .join(' ');
  for (const until = Date.now() + 60_000 * PACE; !names.test(await list()); await sleep(500))
    if (Date.now() > until) throw new Error(`${names}: there are ${await list()}`);
}

async function readMainPid(): Promise<string> {
  return (await server.run('systemctl show --value -p MainPID oriel')).trim();
}

/** Who is who on the server: pid, when it began, and the group that it is in. */
async function readProcesses() {
  const read = async (pid: string) => {
    const [stat = '', group = ''] = (await server.run(`cat /proc/${pid}/stat /proc/${pid}/cgroup`)).trim().split('\n');
    return { pid, startTime: stat.slice(stat.lastIndexOf(')')).split(' ')[20], group: group.replace('0::', '') };
  };
  const machine = (await server.run(`cat /var/lib/oriel/machines/${machineId}/bundle/pid`)).trim();
  return {
    controller: await read(await readMainPid()),
    machine: await read(machine),
    shim: await read((await server.run(`ps -o ppid= -p ${machine}`)).trim()),
    egress: await read((await server.run('cat /sys/fs/cgroup/oriel.slice/oriel-egress-*.scope/cgroup.procs')).trim()),
  };
}

test.run();
