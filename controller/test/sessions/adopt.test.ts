import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, assert } from '#test/suite';
import { Snapshots } from '../../src/machines/snapshots.ts';
import { eventually, FakeController, READY, VNC_SECRET } from '../fakes/controller.ts';

const test = suite('sessions of the controller before');

test('a desktop that can be viewed goes on: same id, same machine, same pid, served at once', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const { machineId, runDir } = fake.sessions.live(id);
  const before = fake.sessions.read(id);
  await using next = await fake.crash();
  await next.sessions.resume();
  assert.equal(next.machinery.calls, [`adopt ${machineId}`, 'listen 0', 'egress.open 0', 'network.list']);
  const live = next.sessions.ready(id);
  assert.equal([live.machineId, live.runDir, live.guest.vncSecret], [machineId, runDir, VNC_SECRET]);
  assert.equal(next.sessions.read(id), before);
  assert.equal(live.status.services, READY.services);
  assert.is(next.store.machines.read(machineId)?.pid, 4242);
  assert.is(next.sessions.inSlot(0), live.machine);
});

test('its guest is known by its secret, its token is used up, and neither is written down in plain', async () => {
  await using fake = new FakeController();
  const id = fake.start();
  const { secret } = await fake.hello(id);
  const { token } = fake.configOf(id);
  fake.sessions.live(id).guest.check(secret);
  fake.sessions.report(fake.sessions.live(id).machine, READY);
  await fake.until(id, 'vm_created');
  const { machineId } = fake.sessions.live(id);
  const row = JSON.stringify(fake.store.machines.read(machineId));
  for (const plain of [secret, token, VNC_SECRET]) assert.not(row.includes(plain));
  await using next = await fake.crash();
  await next.sessions.resume();
  const { guest } = next.sessions.live(id);
  guest.check(secret);
  assert.throws(() => guest.check('x'.repeat(43)));
  assert.throws(() => guest.hello(token, machineId, { protocol: 1, machineId, vncSecret: VNC_SECRET }), /used before/);
});

test('a hello whose reply was lost with its controller can be said again', async () => {
  await using fake = new FakeController();
  const id = fake.start();
  await fake.hello(id);
  const { token } = fake.configOf(id);
  const { machineId } = fake.sessions.live(id);
  await using next = await fake.crash();
  await next.sessions.resume();
  const live = next.sessions.live(id);
  const { secret } = live.guest.hello(token, machineId, { protocol: 1, machineId, vncSecret: VNC_SECRET });
  live.guest.check(secret);
  next.sessions.report(live.machine, READY);
  await next.until(id, 'vm_created');
});

for (const stage of ['boot', 'desktop'] as const)
  test(`one whose machine was in the phase ${stage} comes up on that machine`, async () => {
    await using fake = new FakeController();
    const id = fake.start();
    if (stage === 'desktop') await fake.hello(id);
    await eventually(() => fake.sessions.read(id).phases.some(({ name }) => name === stage));
    const { machineId } = fake.sessions.live(id);
    await using next = await fake.crash();
    await next.sessions.resume();
    if (stage === 'boot') {
      const { token } = next.configOf(id);
      next.sessions.live(id).guest.hello(token, machineId, { protocol: 1, machineId, vncSecret: VNC_SECRET });
    }
    next.sessions.report(next.sessions.live(id).machine, READY);
    const { phases } = await next.until(id, 'vm_created');
    assert.equal(
      phases.map(({ name, ms }) => [name, ms !== undefined]),
      ['network', 'machine', 'boot', 'desktop'].map((name) => [name, true]),
    );
    assert.is(next.machinery.machines.length, 1);
    assert.is(next.sessions.live(id).machineId, machineId);
  });

test('one that does not come up on its machine fails at the limit of its phase', async () => {
  await using fake = new FakeController();
  const id = fake.start();
  await eventually(() => fake.sessions.read(id).phases.some(({ name }) => name === 'boot'));
  await using next = await fake.crash({ ORIEL_BOOT_TIMEOUT_SECONDS: '0.05' });
  await next.sessions.resume();
  assert.is((await next.until(id, 'failed')).reason?.code, 'boot_timed_out');
});

for (const step of ['image', 'network', 'listen', 'egress.open', 'start'])
  test(`one that hung at the step ${step} has what is half made taken down, and comes up on another machine`, async () => {
    await using fake = new FakeController();
    fake.machinery.hanging.add(step);
    const id = fake.start();
    await eventually(() => fake.machinery.calls.some((call) => call.split(' ')[0] === step));
    const { machineId } = fake.sessions.live(id);
    await using next = await fake.crash();
    fake.machinery.hanging.clear();
    await next.sessions.resume();
    const gone = step === 'image' ? [] : ['egress.close 0', `remove ${machineId}`, 'network.remove 0'];
    assert.equal(next.machinery.calls.slice(0, gone.length + 2), [...gone, 'network.list', 'image']);
    await next.hello(id);
    next.sessions.report(next.sessions.live(id).machine, READY);
    const session = await next.until(id, 'vm_created');
    assert.is.not(session.machine?.machineId, machineId);
    assert.is(session.reason, undefined);
    assert.equal(
      session.phases.map(({ name }) => name),
      ['network', 'machine', 'boot', 'desktop'],
    );
  });

test('one that takes three controllers with it is not begun a fourth time', async () => {
  const fakes = [new FakeController()];
  const id = fakes[0]!.start();
  for (let time = 0; time < 4; time++) {
    fakes[0]!.machinery.hanging.add('network');
    const next = await fakes.at(-1)!.crash();
    fakes.push(next);
    await next.sessions.resume();
    assert.is(next.sessions.read(id).status === 'failed', time === 3, `time ${time}`);
  }
  assert.is(fakes.at(-1)!.sessions.read(id).reason?.code, 'restarted_too_often');
  assert.equal(fakes.at(-1)!.store.machines.list(), []);
  for (const fake of fakes.reverse()) await fake[Symbol.asyncDispose]();
});

test('a machine at the gate, of which nobody knows any more what to tell it, is replaced', async () => {
  await using fake = new FakeController();
  fake.machinery.snapshots = new Snapshots(join(fake.dir, 'snapshots'));
  const id = fake.start();
  await eventually(() => fake.sessions.read(id).phases.some(({ name }) => name === 'boot'));
  const { machineId } = fake.sessions.live(id);
  await using next = await fake.crash();
  await next.sessions.resume();
  assert.ok(next.machinery.calls.includes(`remove ${machineId}`));
  await eventually(() => next.machinery.machines.length === 2);
  assert.is.not(next.sessions.live(id).machineId, machineId);
});

test('a machine that ended meanwhile fails its session with how it ended and what it said', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const { machineId, runDir } = fake.sessions.live(id);
  await mkdir(runDir, { recursive: true });
  await using next = await fake.crash();
  fake.machinery.say('the last words');
  fake.machinery.machines[0]!.exit({ reason: 'killed by SIGSEGV', code: 139 });
  await next.sessions.resume();
  const { reason } = await next.until(id, 'failed');
  assert.is(reason?.code, 'machine_exited');
  assert.match(reason!.message, /killed by SIGSEGV; its last lines:\nthe last words/);
  await eventually(() => next.sessions.size === 0);
  assert.equal(next.machinery.calls.toSorted(), [
    `adopt ${machineId}`,
    'egress.close 0',
    'network.list',
    'network.remove 0',
    `remove ${machineId}`,
  ]);
  assert.not(existsSync(runDir));
  assert.equal(await next.sessions.console(id), ['the last words']);
  assert.equal(next.store.machines.list(), []);
});

test('one whose shim ended it, as it was too old, has expired for that', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  await using next = await fake.crash();
  fake.machinery.machines[0]!.exit({ reason: 'ended by its shim', code: null, isTooOld: true });
  await next.sessions.resume();
  assert.is((await next.until(id, 'expired')).reason?.code, 'session_too_old');
});

test('its age counts from its start, not from that of the controller', async () => {
  await using fake = new FakeController({ ORIEL_SESSION_MAX_MINUTES: '0.01' });
  const id = await fake.startReady();
  await using next = await fake.crash({ ORIEL_SESSION_MAX_MINUTES: '10' });
  await new Promise((resolve) => setTimeout(resolve, 700));
  await next.sessions.resume();
  assert.is((await next.until(id, 'expired')).reason?.code, 'session_too_old');
});

test('a session that was over, and whose machine was not gone, has it taken down', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const { machineId } = fake.sessions.live(id);
  fake.machinery.hanging.add('remove');
  void fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  await eventually(() => fake.machinery.calls.includes(`remove ${machineId}`));
  await using next = await fake.crash();
  fake.machinery.hanging.clear();
  await next.sessions.resume();
  assert.equal(next.machinery.calls, ['egress.close 0', `remove ${machineId}`, 'network.remove 0', 'network.list']);
  assert.equal(next.store.machines.list(), []);
  assert.is(next.sessions.read(id).status, 'stopped');
});

test('nothing is deleted of a machine of which it cannot be told whether it runs, and its slot is nobody’s', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  await using next = await fake.crash();
  next.machinery.broken.set('adopt', new Error('cannot look'));
  next.machinery.strayNetworks = [0];
  await next.sessions.resume();
  assert.is(next.machinery.calls.filter((call) => /remove|close/.test(call)).length, 0);
  assert.is(next.sessions.read(id).status, 'vm_created');
  assert.throws(() => next.sessions.live(id), /cannot reach the machine/);
  assert.is(next.sessions.live(next.start('bob')).slot.index, 1);
});

for (const column of ['pid', 'start_time', 'token_hash = null, secret_hash'])
  test(`a record that is half written (no ${column.split(' ')[0]}) is no proof: its machine is taken down, and nobody else`, async () => {
    await using fake = new FakeController();
    const id = await fake.startReady();
    const { machineId } = fake.sessions.live(id);
    await using next = await fake.crash();
    const db = new DatabaseSync(join(fake.dir, 'oriel.db'));
    db.exec(`update machines set ${column} = null`);
    db.close();
    const removed: (number | undefined)[] = [];
    const { remove } = next.machinery.driver;
    next.machinery.driver.remove = (record) => (removed.push(record.startTime && record.pid), remove(record));
    await next.sessions.resume();
    assert.is((await next.until(id, 'failed')).reason?.code, 'controller_restarted');
    assert.equal(removed, [column.startsWith('token') ? 4242 : undefined]);
    assert.is(next.machinery.calls.filter((call) => call === `remove ${machineId}`).length, 1);
    assert.equal(next.store.machines.list(), []);
  });

test('networks are left alone when they cannot be listed, and sessions go on', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  await using next = await fake.crash();
  next.machinery.broken.set('network.list', new Error('cannot list'));
  await next.sessions.resume();
  assert.ok(next.sessions.ready(id));
});

test('what a machine went through is written down: when, from what, to what, who', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const { machineId } = fake.sessions.live(id);
  await using next = await fake.crash();
  await next.sessions.resume();
  await next.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  assert.equal(
    next.store.machines.history(machineId).map(({ from, to, who }) => [from, to, who]),
    [
      [null, 'recorded', 'controller'],
      ['recorded', 'started', 'controller'],
      ['started', 'running', 'guest'],
      ['running', 'ending', 'controller'],
      ['ending', 'gone', 'controller'],
    ],
  );
});

test('a controller that leaves starts nothing more, and lets those who wait ask again', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const { updatedAt } = fake.sessions.read(id);
  const app = await fake.app();
  const token = await fake.viewerToken(id);
  const headers = { authorization: `Bearer ${token}` };
  const wait = app.inject({ method: 'GET', url: `/api/auth/session/${id}?since=${updatedAt}&wait=20`, headers });
  const stream = app.inject({ method: 'GET', url: `/api/auth/session/${id}/console/events`, headers });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const machineCalls = fake.machinery.calls.length;
  const leaving = fake.sessions.leave();
  assert.throws(() => fake.start('bob'), /going down/);
  assert.is((await wait).statusCode, 200);
  assert.not.match((await stream).body, /event: end/);
  await leaving;
  assert.is(fake.sessions.read(id).status, 'vm_created');
  assert.equal(
    fake.machinery.calls.slice(machineCalls).filter((call) => !call.startsWith('listen.close')),
    [],
  );
  await app.close();
});

test.run();
