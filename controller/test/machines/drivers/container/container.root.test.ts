import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { fillDisk, fillInodes } from '#test/fill-disk';
import { suite, assert } from '#test/suite';
import { isAlive, readStartTime } from '../../../../src/host/process.ts';
import { run } from '../../../../src/host/run.ts';
import { readConsole } from '../../../../src/machines/console.ts';
import {
  MachineStartFailed,
  type Machine,
  type MachineImage,
  type MachineRecord,
  type MachineSpec,
} from '../../../../src/machines/driver.ts';
import { toFirstHostId } from '../../../../src/machines/drivers/container/host-ids.ts';
import { createContainerDriver } from '../../../../src/machines/drivers/container/driver.ts';
import { createCloneNetwork, removeCloneNetwork } from '../../../../src/net/clone-network.ts';
import { toSlot } from '../../../../src/net/slot.ts';
import { makeTinyImage, toConfigArg } from '../../tiny-image.ts';

const test = suite('container: machines', { timeoutMs: 30_000 });
const INSTANCE = 'oriectr';
const slot = toSlot(INSTANCE, 0);
/** Says when it runs, ends when asked. */
const OBEDIENT = 'trap "echo told to end; exit 0" TERM; echo running as $(id -u); while :; do sleep 0.05; done';
const LIMITS = { memoryMib: 256, cpus: 1, pids: 64 };

const logged: string[] = [];
const log = pino({}, { write: (line: string) => void logged.push(line) });
let dir: string;
let image: MachineImage;
let before: string[];
let driver: ReturnType<typeof createContainerDriver>;
let counter = 0;

test.before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-container-'));
  before = await takeCensus();
  driver = createContainerDriver({ runDir: join(dir, 'run'), instance: INSTANCE, log });
  image = await makeTinyImage(dir);
  await createCloneNetwork(slot, { guestPorts: [] });
});

test.after(async () => {
  await driver.close();
  await removeCloneNetwork(slot);
  await rm(dir, { recursive: true, force: true });
});

test('this host has what it takes', async () => {
  assert.equal(await driver.check(), { ok: true, missing: [] });
});

test('a machine starts, is what its spec says, and ends in order when asked', async () => {
  const spec = await toSpec(OBEDIENT);
  const machine = await start(spec);
  await untilConsole(spec, /running as 0/);
  const { pid } = machine.record;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  assert.match(status, /^CapBnd:\s+00000000000000eb$/m);
  assert.match(status, /^NoNewPrivs:\s+1$/m);
  assert.match(status, /^Seccomp:\s+2$/m);
  assert.is(await readlink(`/proc/${pid}/ns/net`), (await run(['readlink', '/proc/self/ns/net'], { netns: slot.guestNetns })).trim());
  assert.equal((await readdir(`/proc/${pid}/root/sys/class/net`)).sort(), ['eth0', 'lo'], "sysfs shows the guest's interfaces");
  assert.is((await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')[1], '/run/script');

  assert.equal(await machine.stop(5_000), { reason: 'exited with code 0', code: 0 });
  assert.match(await readConsole(spec.console.path), /told to end\n$/);
  assert.equal(await machine.stop(5_000), await machine.exited, 'a second stop is no error');
});

test("root in the machine is nobody's root on the host, or the log says so loudly", async () => {
  const spec = await toSpec(`touch /home/mine; stat -c 'owner %u' /home/mine /usr/bin/dash; ${OBEDIENT}`);
  const machine = await start(spec);
  await untilConsole(spec, /running/);
  const map = await readFile(`/proc/${machine.record.pid}/uid_map`, 'utf8');
  assert.match(await readConsole(spec.console.path), /owner 0\nowner 0\n/, "the image's files and its own are root's inside");
  if (logged.some((line) => line.includes('NO USER NAMESPACE'))) assert.match(map, /^\s+0\s+0\s/);
  else assert.is(map.trim().split(/\s+/).join(' '), `0 ${toFirstHostId(slot.hostUser)} 65536`);
  await machine.stop(1_000);
});

test('it may not mount, nor load programs into the kernel; its namespaces are its own', async () => {
  const spec = await toSpec(`mount -t tmpfs none /home 2>&1; ls -d /proc/[0-9]* | tr '\\n' ' '; echo; ls /home; ${OBEDIENT}`);
  const machine = await start(spec);
  await untilConsole(spec, /running/);
  const text = await readConsole(spec.console.path);
  assert.match(text, /mount: .*(permission denied|Operation not permitted)/i);
  assert.match(text, /^\/proc\/1 /m);
  await machine.stop(1_000);
});

test('a machine that does not listen is killed after its grace, with all its children', async () => {
  const spec = await toSpec('trap "" TERM; (trap "" TERM; while :; do sleep 1; done) & echo deaf; while :; do sleep 1; done');
  const machine = await start(spec);
  await untilConsole(spec, /deaf/);
  const started = performance.now();
  assert.equal(await machine.stop(300), { reason: 'killed by SIGKILL', code: 137 });
  const ms = performance.now() - started;
  assert.ok(ms >= 290 && ms < 3_000, `${ms} ms`);
  assert.equal(await listProcesses(spec), []);
});

test('a machine that ends by itself says how', async () => {
  const machine = await start(await toSpec('echo enough; exit 3'));
  assert.equal(await machine.exited, { reason: 'exited with code 3', code: 3 });
  await machine.stop(0);
});

test('it has no more processes than its limit', async () => {
  const spec = await toSpec('i=0; while [ $i -lt 99 ]; do sleep 9 & i=$((i+1)); done; echo all 99 run');
  const machine = await start({ ...spec, limits: { ...LIMITS, pids: 20 } });
  await machine.exited;
  assert.match(await readConsole(spec.console.path), /[Cc]annot fork/);
  await machine.stop(0);
  const wide = await toSpec('i=0; while [ $i -lt 99 ]; do sleep 9 & i=$((i+1)); done; echo all 99 run');
  const other = await start({ ...wide, limits: { ...LIMITS, pids: 200 } });
  await untilConsole(wide, /all 99 run/);
  await other.stop(0);
});

test('it has no more memory than its limit, files that it writes included', async () => {
  const script = 'dd if=/dev/zero of=/dev/shm/big bs=1M count=96; echo wrote it; exit 0';
  const tight = await toSpec(script);
  const machine = await start({ ...tight, limits: { ...LIMITS, memoryMib: 64 } });
  const exit = await machine.exited;
  assert.match(exit.reason, /out of memory/);
  await machine.stop(0);
  const machine2 = await start(await toSpec(script));
  assert.equal(await machine2.exited, { reason: 'exited with code 0', code: 0 });
  await machine2.stop(0);
});

test('the console keeps to its size and goes on', async () => {
  const spec = await toSpec('i=0; while [ $i -lt 20000 ]; do echo line $i of many that fill the console; i=$((i+1)); done; echo the end');
  const machine = await start({ ...spec, console: { ...spec.console, maxBytes: 65_536 } });
  assert.is((await machine.exited).code, 0);
  assert.ok((await stat(spec.console.path)).size <= 65_536 + 8_192);
  assert.match(await readConsole(spec.console.path), /the end\n$/);
  await machine.stop(0);
});

test('what cannot be started says why and leaves nothing', async () => {
  const noNetwork = { ...(await toSpec(OBEDIENT)), netns: '/run/netns/oriectr-none' };
  assert.match(await failureOf(noNetwork), /container m-\w+ was not started: .*\/run\/netns\/oriectr-none/);

  const noInit = { ...(await toSpec(OBEDIENT)), image: await makeTinyImage(dir, { withInit: false }) };
  assert.match(await failureOf(noInit), /was not started: .*(oriel-init|missing|No such file)/i);

  const damaged = { ...(await toSpec(OBEDIENT)), image: { id: 'f'.repeat(64), rootfs: image.rootfs } };
  assert.match(await failureOf(damaged), /is damaged: its sha256 is/);

  const missing = { ...(await toSpec(OBEDIENT)), image: { id: 'e'.repeat(64), rootfs: join(dir, 'none.erofs') } };
  assert.match(await failureOf(missing), /none\.erofs/);
  assert.equal(await listGroups(), []);
});

for (const { write, diskOf, says } of [
  { write: 'bundle and exit directory', diskOf: ({ runDir }: MachineSpec) => runDir, says: /no space left on device/ },
  { write: 'state of the runtime', diskOf: () => join(dir, 'run/crun'), says: /cannot create state directory/ },
])
  test(`${write} on a disk that is full: a start says so and leaves nothing`, async () => {
    const spec = await toSpec(OBEDIENT);
    await onFullDisk(diskOf(spec), async () => {
      const failure = await failureOf(spec);
      assert.match(failure, says, failure);
      assert.equal([await listProcesses(spec), await listGroups()], [[], []]);
    });
    await (await start(await toSpec(OBEDIENT))).stop(2_000);
  });

test('console and exit file on a disk that gets full: the machine goes on, and can be stopped', async () => {
  const spec = await toSpec('echo running; while :; do echo beat; : >/tmp/beat; sleep 0.02; done');
  let machine!: Machine;
  const begin = async () => {
    machine = await start(spec);
    await untilConsole(spec, /beat/);
  };
  await onFullDisk(
    spec.runDir,
    async () => {
      const beat = `/proc/${machine.record.pid}/root/tmp/beat`;
      const { length } = await readConsole(spec.console.path);
      const { mtimeMs } = await stat(beat);
      await sleep(500);
      assert.ok((await stat(beat)).mtimeMs > mtimeMs, 'it lives');
      assert.ok((await readConsole(spec.console.path)).length - length < 4_096, 'what it says is not kept');
      assert.is((await machine.stop(0)).code === 137 || (await machine.exited).code === null, true);
      assert.equal([await listProcesses(spec), await listGroups()], [[], []]);
    },
    begin,
  );
});

test('given up at any moment, a start leaves nothing', async () => {
  for (const afterMs of [0, 2, 5, 10, 15, 20, 30, 40, 60, 80, 120]) {
    const spec = await toSpec(OBEDIENT);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), afterMs);
    const machine = await driver.start(spec, abort.signal).catch((error: unknown) => assert.instance(error, MachineStartFailed));
    await machine?.stop(100);
    assert.equal(await listProcesses(spec), [], `after ${afterMs} ms`);
    assert.equal(await listGroups(), [], `after ${afterMs} ms`);
  }
});

test('a machine outlives its controller, and another controller takes it down', async () => {
  const spec = await toSpec('i=0; while :; do echo beat $i; i=$((i+1)); sleep 0.02; done');
  await startInChildAndKillIt(spec);
  const { length } = await readConsole(spec.console.path);
  await untilConsole(spec, new RegExp(`^[^]{${length + 100},}$`));
  assert.is.not((await listProcesses(spec)).length, 0);

  const innocent = spawn('sleep', ['30']);
  const startTime = (await readStartTime(innocent.pid!))!;
  await driver.remove({ machineId: spec.machineId, runDir: spec.runDir, pid: innocent.pid!, startTime: startTime - 1 });
  assert.equal(await listProcesses(spec), []);
  assert.ok(await isAlive({ pid: innocent.pid!, startTime }), 'who has the recorded pid by now is left alone');
  innocent.kill();
  await driver.remove({ machineId: spec.machineId, runDir: spec.runDir });
});

test('another controller adopts it: sees its end and its console, and stops it', async () => {
  const spec = await toSpec(OBEDIENT);
  const record = await startInChildAndKillIt(spec);
  await untilConsole(spec, /running/);
  assert.is(await driver.adopt({ ...record, startTime: record.startTime + 1 }), undefined);
  assert.is(await driver.adopt({ ...record, pid: process.pid, startTime: (await readStartTime(process.pid))! }), undefined);
  const machine = await driver.adopt(record);
  assert.equal(machine!.record, record);
  assert.equal(await machine!.stop(5_000), { reason: 'exited with code 0', code: 0 });
  assert.match(await readConsole(spec.console.path), /told to end\n$/);
  assert.is(await driver.adopt(record), undefined);
});

test('its shim ends a machine that has lived too long, though no controller is there, and says so to the next', async () => {
  const spec = { ...(await toSpec(OBEDIENT)), lifetimeS: 1 };
  const record = await startInChildAndKillIt(spec);
  for (const until = Date.now() + 5_000; (await isAlive(record)) && Date.now() < until;) await sleep(50);
  assert.is(await driver.adopt(record), undefined);
  const exit = await driver.readExit(record);
  assert.equal([exit.code, exit.isTooOld], [null, true]);
  await driver.remove(record);
  assert.equal(await listProcesses(spec), []);
});

test('how one ended while no controller was there is what its shim has kept', async () => {
  const spec = await toSpec('sleep 0.5; exit 3');
  const record = await startInChildAndKillIt(spec);
  for (const until = Date.now() + 5_000; (await isAlive(record)) && Date.now() < until;) await sleep(50);
  assert.equal(await driver.readExit(record), { reason: 'exited with code 3', code: 3 });
  await driver.remove(record);
});

test('many start at once', async () => {
  const specs = await Promise.all(Array.from({ length: 6 }, () => toSpec(OBEDIENT)));
  const machines = await Promise.all(specs.map(start));
  await Promise.all(specs.map((spec) => untilConsole(spec, /running/)));
  assert.is(new Set(machines.map(({ record }) => record.pid)).size, 6);
  await Promise.all(machines.map((machine) => machine.stop(5_000)));
  for (const spec of specs) assert.equal(await listProcesses(spec), []);
});

test('when all is closed a census by plain tools is what it was before', async () => {
  await driver.close();
  await removeCloneNetwork(slot);
  for (const until = Date.now() + 5_000; Date.now() < until && (await takeCensus()).join() !== before.join();) await sleep(50);
  assert.equal(await takeCensus(), before);
});

async function toSpec(script: string): Promise<MachineSpec> {
  const machineId = `m-testtest${String.fromCharCode(...[...String(counter++).padStart(4, '0')].map((digit) => 97 + Number(digit)))}`;
  const runDir = join(dir, 'machines', machineId);
  await mkdir(runDir, { recursive: true, mode: 0o700 });
  const console = { path: join(runDir, 'console.log'), maxBytes: 1 << 20 };
  return {
    machineId,
    runDir,
    image,
    configArg: toConfigArg(script),
    hostname: 'desktop',
    netns: `/run/netns/${slot.guestNetns}`,
    hostUser: slot.hostUser,
    limits: LIMITS,
    diskMib: 256,
    console,
  };
}

function start(spec: MachineSpec): Promise<Machine> {
  return driver.start(spec, new AbortController().signal);
}

async function failureOf(spec: MachineSpec): Promise<string> {
  const error = await start(spec).catch((reason: unknown) => reason);
  assert.instance(error, MachineStartFailed);
  return (error as Error).message;
}

/** `path` is a disk of its own meanwhile, with nothing left on it once `prepare` is done. */
async function onFullDisk(path: string, act: () => Promise<void>, prepare = async () => {}): Promise<void> {
  await mkdir(path, { recursive: true });
  await run(['mount', '-t', 'tmpfs', '-o', 'size=256k,nr_inodes=100', 'tmpfs', path]);
  try {
    await prepare();
    fillDisk(join(path, 'filler'));
    fillInodes(path);
    await act();
  } finally {
    await run(['umount', path]);
  }
}

async function untilConsole({ console }: MachineSpec, pattern: RegExp): Promise<void> {
  for (const until = Date.now() + 5_000; !pattern.test(await readConsole(console.path)); await sleep(10)) {
    if (Date.now() > until) throw new Error(`${pattern} is not on the console: ${await readConsole(console.path)}`);
  }
}

/** A controller that starts a machine and is killed −9. */
async function startInChildAndKillIt(spec: MachineSpec): Promise<MachineRecord> {
  const module = new URL('../../../../src/machines/drivers/container/driver.ts', import.meta.url).href;
  const code = `
    const { createContainerDriver } = await import(${JSON.stringify(module)});
    const { pino } = await import('pino');
    const driver = createContainerDriver({ runDir: ${JSON.stringify(join(dir, 'run'))}, instance: '${INSTANCE}', log: pino({ level: 'silent' }) });
    const { record } = await driver.start(${JSON.stringify(spec)}, new AbortController().signal);
    process.stdout.write(JSON.stringify(record));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const ended = exited.then(([code]) => Promise.reject<never>(new Error(`the controller ended by itself with code ${code}`)));
  const [said] = await Promise.race([once(child.stdout, 'data') as Promise<[Buffer]>, ended]);
  ended.catch(() => {});
  child.kill('SIGKILL');
  await exited;
  return JSON.parse(String(said)) as MachineRecord;
}

/** Processes of a machine and its shim, by command lines and by control group. */
async function listProcesses({ machineId }: MachineSpec): Promise<string[]> {
  const all = await run(['ps', '-eo', 'pid,cgroup,args', '-ww']);
  return all.split('\n').filter((line) => line.includes(machineId) && !line.endsWith('<defunct>'));
}

async function listGroups(): Promise<string[]> {
  const found = await run(['find', '/sys/fs/cgroup', '-type', 'd', '-path', `*/${INSTANCE}*m-*`]);
  return found.split('\n').filter(Boolean);
}

async function takeCensus(): Promise<string[]> {
  const outputs = await Promise.all([
    run(['ip', 'netns']),
    run(['findmnt', '-rno', 'TARGET']),
    run(['losetup', '-nO', 'BACK-FILE']),
    run(['nft', 'list', 'tables']),
    run(['find', '/sys/fs/cgroup', '-type', 'd', '-name', INSTANCE]),
    run(['find', '/run', '-maxdepth', '1', '-name', `${INSTANCE}*`]),
    run(['ps', '-eo', 'args', '-ww']),
  ]);
  return outputs.flatMap((text) =>
    text.split('\n').filter((line) => (line.includes(INSTANCE) || line.includes(dir)) && !line.startsWith('find ')),
  );
}

test.run();
