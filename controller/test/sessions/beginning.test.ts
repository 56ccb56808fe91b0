import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { fromConfigJson } from '#contract/kernel-line';
import { PROTOCOL_VERSION } from '#contract/protocol';
import { Snapshots } from '../../src/machines/snapshots.ts';
import { eventually, FakeController, READY, VNC_SECRET } from '../fakes/controller.ts';

const test = suite('beginnings of machines');

function setUp(env: Record<string, string> = {}): FakeController {
  const fake = new FakeController(env);
  fake.machinery.snapshots = new Snapshots(join(fake.dir, 'snapshots'));
  return fake;
}

const started = (fake: FakeController, id: string) => {
  const { machineId } = fake.sessions.live(id);
  return eventually(() => fake.machinery.machines.findLast(({ spec }) => spec.machineId === machineId));
};
const taken = (fake: FakeController) => fake.machinery.calls.filter((call) => call.startsWith('snapshot ')).length;

/** The guest asks until it is told who it is, says so, and is ready. */
async function wake(fake: FakeController, id: string): Promise<void> {
  await started(fake, id);
  const live = fake.sessions.live(id);
  const told = await eventually(() => live.gate!.ask());
  const config = fromConfigJson(Buffer.from(told.split(' ')[1]!, 'base64').toString());
  live.guest.hello(config.token, config.machineId, { protocol: PROTOCOL_VERSION, machineId: live.machineId, vncSecret: VNC_SECRET });
  fake.sessions.report(live.machine, READY);
  await fake.until(id, 'vm_created');
}

test('without snapshots a machine has its config from the start, and no gate', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  assert.match((await started(fake, id)).spec.configArg, /^oriel\.config=/);
  assert.is(fake.sessions.live(id).gate, undefined);
});

test('the first boots to the gate, is written down before it is told who it is, and is used', async () => {
  await using fake = setUp();
  fake.machinery.hanging.add('snapshot');
  const id = fake.start();
  const { spec } = await started(fake, id);
  assert.equal([spec.configArg, spec.snapshot], ['oriel.gate=1280x720', undefined]);
  const { gate } = fake.sessions.live(id);
  gate!.ask();
  await eventually(() => taken(fake) === 1);
  assert.is(gate!.ask(), undefined);
  fake.machinery.release();
  await wake(fake, id);
});

test('the next is a copy of it, and is not written down again', async () => {
  await using fake = setUp();
  await wake(fake, fake.start());
  const id = fake.start('bob');
  const { spec } = await started(fake, id);
  assert.ok(existsSync(spec.snapshot!.dir));
  assert.is(spec.configArg, 'oriel.gate=1280x720');
  await wake(fake, id);
  assert.is(taken(fake), 1);
});

test('of two that boot together one is written down', async () => {
  await using fake = setUp();
  const ids = [fake.start('ann'), fake.start('bob')];
  await Promise.all(ids.map((id) => wake(fake, id)));
  assert.is(taken(fake), 1);
});

test('one that cannot be written down is used all the same, and the next one tries again', async () => {
  await using fake = setUp();
  fake.machinery.broken.set('snapshot', new Error('no space'));
  await wake(fake, fake.start());
  fake.machinery.broken.clear();
  const id = fake.start('bob');
  assert.is((await started(fake, id)).spec.snapshot, undefined);
  await wake(fake, id);
  assert.is(taken(fake), 2);
});

test('a snapshot that no machine can begin from is thrown away; the machine boots, and its directory is empty again', async () => {
  await using fake = setUp();
  await wake(fake, fake.start());
  const { driver } = fake.machinery;
  const { start } = driver;
  let left = false;
  driver.start = async (spec, signal) => {
    left = existsSync(join(spec.runDir, 'left'));
    if (!spec.snapshot) return start(spec, signal);
    await writeFile(join(spec.runDir, 'left'), '');
    throw new Error('this state is of another QEMU');
  };
  const id = fake.start('bob');
  await wake(fake, id);
  assert.is((await started(fake, id)).spec.snapshot, undefined);
  assert.not(left);
  assert.is(taken(fake), 2, 'and is written down anew');
});

test('a snapshot whose copy never asks is thrown away with the session', async () => {
  await using fake = setUp({ ORIEL_BOOT_TIMEOUT_SECONDS: '0.1' });
  await wake(fake, fake.start());
  const id = fake.start('bob');
  const { spec } = await started(fake, id);
  await fake.until(id, 'failed');
  assert.is(fake.sessions.read(id).reason?.code, 'boot_timed_out');
  await eventually(() => !existsSync(spec.snapshot!.dir));
});

test('one that is stopped at the gate takes no snapshot with it', async () => {
  await using fake = setUp();
  await wake(fake, fake.start());
  const id = fake.start('bob');
  const { spec } = await started(fake, id);
  await fake.sessions.stop(id, 'test', { code: 'stopped_by_request', message: 'ended' });
  assert.ok(existsSync(spec.snapshot!.dir));
});

test.run();
