import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listNew, toCoreDir } from '#test/core-dumps';
import { readRights } from '#test/rights';
import { suite, assert } from '#test/suite';
import { KEPT, parseCapabilities } from '../../src/host/capabilities.ts';
import { Home } from './serving.ts';

const test = suite('least rights', { timeoutMs: 60_000 });

/** As a host may start it: with all of root's rights, core dumps, and files that everybody may write. */
const LAVISH = ['prlimit', '--core=unlimited:unlimited', 'sh', '-c', 'umask 0; exec "$@"', 'sh'];
const NONE = '0000000000000000';
let home: Home;

test.before(() => void execFileSync('ip', ['link', 'set', 'lo', 'up']));
test.beforeEach(() => void (home = new Home()));
test.afterEach(() => home.remove());

test('the controller keeps what the table says, the egress process nothing; neither can get more, dump its memory or write for others', async () => {
  const before = await startLavish();
  assert.equal([before.rights.core, before.rights.noNewPrivs, before.rights.umask], [[Infinity, Infinity], false, 0]);
  const all = parseCapabilities(before.rights.permitted);
  assert.ok(
    all.some((name) => !Object.hasOwn(KEPT, name)),
    'a program that is started so has more',
  );
  before.child.kill('SIGKILL');

  const controller = home.serve(LAVISH);
  await controller.url();
  const egress = await readEgressPid(controller);
  const [its, egresss] = [readRights(controller.pid), readRights(egress)];
  assert.equal(
    parseCapabilities(its.effective).sort(),
    Object.keys(KEPT)
      .filter((name) => all.includes(name))
      .sort(),
  );
  assert.equal([its.bounding, its.permitted, its.uid], [its.effective, its.effective, 0]);
  assert.equal([egresss.effective, egresss.permitted, egresss.uid], [NONE, NONE, 65534]);
  for (const { core, noNewPrivs, umask } of [its, egresss]) {
    assert.ok(
      core.every((bytes) => bytes <= 1),
      String(core),
    );
    assert.equal([noNewPrivs, umask & 0o022], [true, 0o022]);
  }
});

test('SIGABRT leaves no core file of controller and egress process; of another program it does', async () => {
  const controller = home.serve(LAVISH);
  await controller.url();
  const egress = await readEgressPid(controller);
  for (const pid of [egress, controller.pid]) {
    const dir = toCoreDir(pid);
    const before = dir === undefined ? [] : readdirSync(dir);
    process.kill(pid, 'SIGABRT');
    await untilGone(pid);
    if (dir !== undefined)
      assert.equal(
        listNew(dir, before).filter((name) => name.includes('core')),
        [],
      );
  }
  const { child, dir } = await startLavish();
  const cores = toCoreDir(child.pid!);
  const known = cores === undefined ? [] : readdirSync(cores);
  child.kill('SIGABRT');
  await once(child, 'exit');
  // Where a program collects them (core_pattern) there is no file of it either; of a limit of 1 the kernel tells that program nothing.
  if (cores !== undefined) assert.is(listNew(cores, known).filter((name) => name.includes('core')).length, 1);
  rmSync(dir, { recursive: true });
});

test.run();

/** Another program of the same make, which gives nothing up. */
async function startLavish(): Promise<{ child: ChildProcess; dir: string; rights: ReturnType<typeof readRights> }> {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-core-'));
  const words = [...LAVISH.slice(1), process.execPath, '-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)'];
  const child = spawn(LAVISH[0]!, words, { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout!, 'data');
  return { child, dir, rights: readRights(child.pid!) };
}

async function readEgressPid(controller: ReturnType<Home['serve']>): Promise<number> {
  return Number((await controller.until(/"egress":(\d+)/))[1]);
}

async function untilGone(pid: number): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(20)) {
    try {
      process.kill(pid, 0);
      if (/^State:\s+Z/m.test(execFileSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' }))) return;
    } catch {
      return;
    }
  }
  throw new Error(`${pid} is still there`);
}
