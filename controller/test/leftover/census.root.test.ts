import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert, suite } from '#test/suite';
import { NO_LIMITS, planCgroup } from '../../src/machines/shim/cgroup-plan.ts';
import { readCgroupLayout } from '../../src/machines/shim/cgroup.ts';
import { openStore } from '../../src/store/store.ts';

const test = suite('census', { timeoutMs: 60_000 });

const INSTANCE = 'oriecns';
const LOST = 'm-aaaaaaaaaaaa';
const KEPT = 'm-bbbbbbbbbbbb';
const DOCTOR = fileURLToPath(new URL('../../../scripts/doctor.ts', import.meta.url));

const dir = mkdtempSync(join(tmpdir(), 'oriel-census-'));
const dataDir = join(dir, 'data');
const runDir = join(dir, 'run');
let groups: string[] = [];
let parents: string[] = [];
let children: ChildProcess[] = [];

const sh = (command: string) => execFileSync('sh', ['-ec', command], { stdio: 'pipe' });

/** Of two machines, each in all that one has: slot 3 has no record, slot 4 has one. */
test.before(async () => {
  mkdirSync(join(dataDir, 'machines', LOST, 'bundle'), { recursive: true });
  mkdirSync(join(dataDir, 'machines', KEPT), { recursive: true });
  mkdirSync(join(runDir, 'crun', LOST), { recursive: true });
  writeFileSync(join(runDir, 'egress.sock'), '');
  const store = openStore(join(dataDir, 'oriel.db'));
  const row = { machineId: KEPT, sessionId: 's', slot: 4, runDir: join(dataDir, 'machines', KEPT), driver: 'container' };
  store.machines.insert(row, new Date().toISOString());
  store.close();
  for (const slot of [3, 4]) sh(`ip netns add ${INSTANCE}-g${slot}; ip link add ${INSTANCE}-h${slot} type veth peer name peer${slot}`);
  sh(`nft add table inet ${INSTANCE}; mount -t tmpfs none ${join(dataDir, 'machines', LOST, 'bundle')}`);
  const layout = await readCgroupLayout();
  const plans = [LOST, KEPT].map((id) => planCgroup(layout, INSTANCE, id, NO_LIMITS));
  groups = plans.flatMap((plan) => [...new Set([...plan.groups, plan.members, ...plan.around])]);
  parents = plans[0]!.parents;
  for (const group of groups) mkdirSync(group, { recursive: true });
  // One in its group, one that has left it but has its machine's directory in its words.
  const inGroup = spawn('sleep', ['60']);
  const outside = spawn('tail', ['-f', '/dev/null', join(dataDir, 'machines', LOST, 'bundle', '..', 'none')]);
  children = [inGroup, outside];
  writeFileSync(join(plans[0]!.members, 'cgroup.procs'), String(inGroup.pid));
});

test.after(async () => {
  for (const child of children) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await ended;
  }
  for (const path of [...groups, ...parents]) {
    try {
      rmdirSync(path);
    } catch {
      // It was taken away by a test, or was never made.
    }
  }
  for (const slot of [3, 4]) spawnSync('sh', ['-c', `ip netns delete ${INSTANCE}-g${slot}; ip link delete ${INSTANCE}-h${slot}`]);
  spawnSync('sh', ['-c', `nft delete table inet ${INSTANCE}; umount ${join(dataDir, 'machines', LOST, 'bundle')}`]);
  rmSync(dir, { recursive: true, force: true });
});

/** The doctor's row on what is left over, and its exit code. */
function ask(): { status: number | null; state: string; text: string; todo?: string } {
  const env = { ...process.env, ORIEL_INSTANCE: INSTANCE, ORIEL_DATA_DIR: dataDir, ORIEL_RUN_DIR: runDir };
  const { status, stdout } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', DOCTOR, '--json'], {
    env,
    encoding: 'utf8',
  });
  const findings = JSON.parse(stdout) as { what: string; state: string; text: string; todo?: string }[];
  return { status, ...findings.find(({ what }) => what === 'left over')! };
}

test('everything that no record stands for is found and named with the command that takes it away; what one stands for is not', () => {
  const { status, state, text, todo = '' } = ask();
  assert.equal([status, state], [1, 'broken']);
  const said = `${text} ${todo}`;
  for (const name of [`${INSTANCE}-g3`, `${INSTANCE}-h3`, join(runDir, 'crun', LOST), join(dataDir, 'machines', LOST, 'bundle')])
    assert.ok(said.includes(name), `${name}: ${said}`);
  for (const kind of ['namespace', 'link', 'control group', 'process', 'mount', 'directory']) assert.ok(text.includes(`× ${kind}`), text);
  assert.ok(text.includes('2 × process'), text);
  for (const kept of [KEPT, `${INSTANCE}-g4`, `${INSTANCE}-h4`, 'inet ']) assert.not.ok(said.includes(kept), `${kept}: ${said}`);
  assert.ok(todo.includes('just down') && todo.includes(`ip netns delete ${INSTANCE}-g3`), todo);
});

test('with the last record gone, what machines share is left over, too', () => {
  const store = openStore(join(dataDir, 'oriel.db'));
  store.machines.remove(KEPT);
  store.close();
  const { text } = ask();
  for (const word of ['firewall table', 'socket', '2 × link']) assert.ok(text.includes(word), text);
});

test.run();
