import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeInternet } from '#test/internet';
import { assert, suite } from '#test/suite';
import { isAlive, readStartTime, signalProcess, type ProcessId } from '../../src/host/process.ts';
import { FakeHost } from './fake-host.ts';

/* Pids are used again. A controller that starts finds another process under the pid of a machine that it knows. */
const test = suite('a pid that is another process’s by now', { timeoutMs: 60_000 });
const host = new FakeHost('orielsg');
let stranger: ChildProcess;

test.before(async () => {
  makeInternet();
  host.takeCensus();
  await host.start();
});
test.beforeEach(() => void (stranger = spawn('sleep', ['120'], { stdio: 'ignore' })));
test.afterEach(() => void stranger.kill('SIGKILL'));
test.after(async () => {
  await host.stop();
  host.remove();
});

for (const { what, change } of [
  { what: 'its pid alone', change: ({ pid }: ProcessId) => `update machines set pid = ${pid}` },
  {
    what: 'its pid and its start time, on another boot of the host',
    change: ({ pid, startTime }: ProcessId) => `update machines set pid = ${pid}, start_time = ${startTime}, boot_id = 'another'`,
  },
])
  test(`${what}: it is not adopted, and not killed; the session fails, and nothing of its machine is left`, async () => {
    const id = await host.beginReady();
    const own = readRecord();
    await host.leave();
    await signalProcess(own, 'SIGKILL');
    const other = { pid: stranger.pid!, startTime: (await readStartTime(stranger.pid!))! };
    const db = new DatabaseSync(join(host.disks.data, 'oriel.db'));
    db.exec(change(other));
    db.close();
    await host.start();
    await host.waitFor(id, ({ status }) => status === 'failed');
    await host.isGone();
    assert.ok(await isAlive(other), 'the stranger lives');
    assert.not.ok(await isAlive(own));
  });

test('and with its own pid it is adopted: the control of the above', async () => {
  const id = await host.beginReady();
  const own = readRecord();
  await host.leave();
  await host.start();
  assert.is((await host.read(id)).status, 'vm_created');
  assert.ok(await isAlive(own));
  await host.end(id);
  await host.isGone();
});

test('nothing is left over', async () => {
  await host.stop();
  assert.equal(await host.findLeftOver(), []);
});

test.run();

/** Of the one machine that there is. */
function readRecord(): ProcessId {
  const [{ pid = 0, startTime = 0 } = {}, ...more] = host.rows();
  assert.equal(more, []);
  return { pid, startTime };
}
