import { existsSync } from 'node:fs';
import { suite, assert } from '#test/suite';
import { endDrain, setDrain } from '../../src/process/drain.ts';
import { API_KEY, eventually, FakeController, READY } from '../fakes/controller.ts';
import { IMAGE_ID } from '../fakes/machinery.ts';

const test = suite('sessions');
const gone = new AbortController().signal;

test('a session comes up: network, machine, hello, services', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const session = fake.sessions.read(id);
  assert.is(session.status, 'vm_created');
  assert.equal(
    session.phases.map(({ name }) => name),
    ['network', 'machine', 'boot', 'desktop'],
  );
  assert.ok(session.phases.every(({ ms, endedAt }) => ms !== undefined && endedAt !== undefined));
  assert.is(session.image, IMAGE_ID);
  assert.equal(session.marks, READY.marks);
  assert.is(session.machine?.isolation, 'shared-kernel');
  assert.equal(fake.machinery.calls, ['image', 'network 0', 'listen 0', 'egress.open 0', 'start']);
});

test('the machine is told its config, and its network is the slot’s', async () => {
  await using fake = new FakeController({ ORIEL_DISPLAY: '1024x768' });
  const id = await fake.startReady();
  const config = fake.configOf(id);
  assert.equal(config.display, { width: 1024, height: 768 });
  assert.equal([config.media.portMin, config.media.portMax], [20000, 20031]);
  assert.is(fake.machinery.machines[0]?.spec.netns, '/run/netns/oriel-g0');
});

test('the row is there before the first resource and gone after the last', async () => {
  await using fake = new FakeController();
  fake.machinery.hanging.add('network');
  const id = fake.start();
  await eventually(() => fake.machinery.calls.includes('network 0'));
  assert.equal(
    fake.store.machines.list().map(({ sessionId, slot }) => ({ sessionId, slot })),
    [{ sessionId: id, slot: 0 }],
  );
  fake.machinery.release();
});

test('a drained host starts nothing, what runs goes on and what was asked before is answered; undrained it starts again', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const again = { idempotencyKey: 'one' };
  const known = fake.sessions.start({ userId: 'ann', provider: 'desktop' }, again).sessionId;
  await setDrain(fake.dir, 'a new kernel', new Date().toISOString());
  const app = await fake.app();
  const reply = await app.inject({
    ...{ method: 'POST', url: '/api/auth/start', headers: { authorization: `Bearer ${API_KEY}` } },
    body: { userId: 'bob', provider: 'desktop' },
  });
  assert.equal([reply.statusCode, reply.headers['retry-after']], [503, '60']);
  const { error } = reply.json<{ error: { code: string; message: string } }>();
  assert.is(error.code, 'host_draining');
  assert.match(error.message, /a new kernel.*sessions that run go on/);
  assert.is(fake.sessions.start({ userId: 'ann', provider: 'desktop' }, again).sessionId, known);
  assert.is(fake.sessions.read(id).status, 'vm_created');
  await endDrain(fake.dir);
  fake.start();
});

test('DELETE takes everything down in reverse order and frees the slot', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const { machineId, runDir } = fake.sessions.live(id);
  fake.machinery.say('a last line');
  fake.machinery.calls.length = 0;
  await fake.sessions.stop(id, 'test', { code: 'stopped_by_request', message: 'ended' });
  assert.is(fake.sessions.read(id).status, 'stopped');
  assert.equal(fake.machinery.calls, [`remove ${machineId}`, 'egress.close 0', 'listen.close 0', 'network.remove 0']);
  assert.equal(fake.store.machines.list(), []);
  assert.not(existsSync(runDir));
  assert.is(fake.sessions.size, 0);
  assert.equal(await fake.sessions.console(id), ['a last line']);
});

test('the console can be read at each moment of the end, also when its file is gone already', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  fake.machinery.say('a last line');
  fake.machinery.hanging.add('network.remove');
  const stopping = fake.sessions.stop(id, 'test', { code: 'stopped', message: 'by the test' });
  await eventually(() => fake.machinery.calls.some((call) => call.startsWith('network.remove')));
  assert.is(fake.sessions.size, 1);
  fake.machinery.console = '';
  assert.equal(await fake.sessions.console(id), ['a last line']);
  fake.machinery.release();
  await stopping;
});

test('a session that is over stays as it is when it is stopped again', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  await fake.sessions.stop(id, 'a', { code: 'one', message: 'one' });
  await fake.sessions.stop(id, 'b', { code: 'two', message: 'two' });
  assert.is(fake.sessions.read(id).reason?.code, 'one');
});

test('a session can be stopped at each step of its way up, with nothing left', async () => {
  for (const step of ['image', 'network', 'listen', 'egress.open', 'start', 'hello']) {
    await using fake = new FakeController({ ORIEL_NETWORK_TIMEOUT_SECONDS: '5', ORIEL_MACHINE_TIMEOUT_SECONDS: '5' });
    if (step === 'start') fake.machinery.hanging.add(step);
    const id = fake.start();
    await eventually(() => fake.machinery.calls.some((call) => call.split(' ')[0] === (step === 'hello' ? 'start' : step)));
    await fake.sessions.stop(id, 'test', { code: 'stopped_by_request', message: 'ended' });
    assert.is(fake.sessions.read(id).status, 'stopped', step);
    assert.equal(fake.store.machines.list(), [], step);
    assert.is(fake.sessions.size, 0, step);
  }
});

for (const [step, code, message] of [
  ['network', 'network_failed', /the network could not be made: broken/],
  ['listen', 'network_failed', /the guest endpoint could not be opened: broken/],
  ['egress.open', 'network_failed', /the way out could not be opened: broken/],
  ['image', 'image_unusable', /there is no image to boot: broken/],
  ['start', 'machine_failed', /the machine could not be started: broken/],
] as const) {
  test(`a step that breaks (${step}) fails the session with its reason and takes the rest down`, async () => {
    await using fake = new FakeController();
    fake.machinery.broken.set(step, new Error('broken'));
    const id = fake.start();
    const session = await fake.until(id, 'failed');
    assert.is(session.reason?.code, code);
    assert.match(session.reason!.message, message);
    await eventually(() => fake.sessions.size === 0);
    assert.equal(fake.store.machines.list(), []);
    assert.is(fake.machinery.calls.includes('network.remove 0'), !['network', 'image'].includes(step));
  });
}

test('a machine that is not started within its limit fails the session', async () => {
  await using fake = new FakeController({ ORIEL_MACHINE_TIMEOUT_SECONDS: '0.05' });
  fake.machinery.hanging.add('start');
  const session = await fake.until(fake.start(), 'failed');
  assert.is(session.reason?.code, 'machine_timed_out');
  assert.match(session.reason!.message, /the machine was not started within 0.05 s/);
});

test('a guest that does not report within its limit fails the session with its console’s last lines', async () => {
  await using fake = new FakeController({ ORIEL_BOOT_TIMEOUT_SECONDS: '0.1' });
  const id = fake.start();
  await eventually(() => fake.sessions.read(id).phases.some(({ name }) => name === 'boot'));
  fake.machinery.say('init: mounting');
  const session = await fake.until(id, 'failed');
  assert.is(session.reason?.code, 'boot_timed_out');
  assert.match(session.reason!.message, /did not report within 0.1 s; its last lines:\ninit: mounting/);
  assert.ok(
    session.phases.every(({ endedAt }) => endedAt),
    'the phase that failed has an end too',
  );
});

test('a virtual machine boots the kernel that there is, as the slot’s own user; a container is given none', async () => {
  await using fake = new FakeController({ ORIEL_DISK_MIB: '512' });
  await fake.startReady();
  fake.machinery.driver.isolation = 'virtual-machine';
  await fake.startReady();
  const [container, vm] = fake.machinery.machines.map(({ spec: { kernel, hostUser, diskMib } }) => ({ kernel, hostUser, diskMib }));
  assert.equal(container, { kernel: undefined, hostUser: 0x7000_0000, diskMib: 512 });
  assert.equal(vm, {
    kernel: { id: IMAGE_ID, vmlinux: '/kernels/vmlinux', bzImage: '/kernels/bzImage' },
    hostUser: 0x7000_0001,
    diskMib: 512,
  });
});

test('without a kernel a virtual machine’s session fails and says so, with nothing left', async () => {
  await using fake = new FakeController();
  fake.machinery.driver.isolation = 'virtual-machine';
  fake.machinery.broken.set('kernel', new Error('no kernel latest in /kernels'));
  const session = await fake.until(fake.start(), 'failed');
  assert.equal(session.reason, { code: 'kernel_unusable', message: 'there is no kernel to boot: no kernel latest in /kernels' });
  await eventually(() => fake.sessions.size === 0);
  assert.equal(fake.store.machines.list(), []);
});

test('an emulated guest may take as much longer as its driver says; what the host does may not', async () => {
  await using fake = new FakeController({ ORIEL_MACHINE_TIMEOUT_SECONDS: '0.05', ORIEL_BOOT_TIMEOUT_SECONDS: '0.1' });
  fake.machinery.driver.pace = 3;
  const late = await fake.until(fake.start(), 'failed');
  assert.match(late.reason!.message, /did not report within 0.3 s/);
  fake.machinery.hanging.add('start');
  const session = await fake.until(fake.start(), 'failed');
  assert.match(session.reason!.message, /the machine was not started within 0.05 s/);
});

test('a desktop that is not ready within its limit fails the session with the services that are not', async () => {
  await using fake = new FakeController({ ORIEL_DESKTOP_TIMEOUT_SECONDS: '0.1' });
  const id = fake.start();
  await fake.hello(id);
  fake.sessions.report(fake.sessions.live(id).machine, {
    ...READY,
    services: READY.services.map((service) => (service.name === 'x11vnc' ? { ...service, state: 'down', reason: 'exit 1' } : service)),
  });
  const session = await fake.until(id, 'failed');
  assert.is(session.reason?.code, 'desktop_timed_out');
  assert.match(session.reason!.message, /the desktop was not ready \(x11vnc is down: exit 1\) within 0.1 s/);
});

test('a service that keeps ending fails the session before the limit, with what it said', async () => {
  await using fake = new FakeController({ ORIEL_DESKTOP_TIMEOUT_SECONDS: '20' });
  const id = fake.start();
  await fake.hello(id);
  fake.machinery.say('x11vnc: a library is missing');
  const x11vnc = { name: 'x11vnc', state: 'down' as const, sinceMs: 1, reason: 'exit code 3' };
  for (const restarts of [3, 4]) {
    assert.is(fake.sessions.read(id).status, 'vm_creating');
    const services = READY.services.map((service) => (service.name === 'x11vnc' ? { ...x11vnc, restarts } : service));
    fake.sessions.report(fake.sessions.live(id).machine, { ...READY, services });
  }
  const session = await fake.until(id, 'failed');
  assert.is(session.reason?.code, 'service_crash_loop');
  assert.match(
    session.reason!.message,
    /x11vnc ended 4 times and was never ready: exit code 3; its last lines:\nx11vnc: a library is missing$/,
  );
});

test('on a full disk no session begins, and nothing is left of the try', async () => {
  await using fake = new FakeController();
  fake.freeMib = 63;
  assert.throws(
    () => fake.start(),
    (error: { statusCode?: number; code?: string }) => error.statusCode === 503 && error.code === 'host_disk_full',
  );
  assert.is(fake.sessions.size, 0);
  fake.freeMib = 64;
  fake.start();
});

test('without file descriptors no session begins', async () => {
  await using fake = new FakeController();
  fake.freeDescriptors = 63;
  assert.throws(
    () => fake.start(),
    (error: { statusCode?: number; code?: string }) => error.statusCode === 503 && error.code === 'host_no_descriptors',
  );
  assert.is(fake.sessions.size, 0);
  fake.freeDescriptors = 64;
  fake.start();
});

test('the machine of a session that failed is left for its grace, in its slot; DELETE removes it at once', async () => {
  await using fake = new FakeController({ ORIEL_FAILED_GRACE_SECONDS: '3600', ORIEL_MAX_SESSIONS: '1' });
  const id = await fake.startReady();
  fake.machinery.console = 'kernel: oops\n';
  fake.machinery.machines[0]!.exit({ reason: 'was killed by SIGSEGV', code: null });
  const session = await fake.until(id, 'failed');
  assert.is(session.reason?.code, 'machine_exited');
  assert.is(fake.sessions.size, 1);
  assert.throws(() => fake.start('bob'), /holds no more/);
  assert.not(fake.machinery.calls.some((call) => call.startsWith('remove m-')));
  assert.is(fake.store.machines.list().length, 1, 'its row is there: a controller that is killed now takes it down at its start');
  assert.equal(await fake.sessions.console(id), ['kernel: oops']);
  await fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  assert.ok(fake.machinery.calls.some((call) => call.startsWith('remove m-')));
  assert.is(fake.sessions.read(id).status, 'failed', 'it stays what it was');
  assert.is(fake.sessions.size, 0);
});

test('the grace has an end; a session that was stopped, or never had a machine, has none', async () => {
  await using fake = new FakeController({ ORIEL_FAILED_GRACE_SECONDS: '0.2' });
  const id = await fake.startReady();
  fake.machinery.machines[0]!.exit({ reason: 'gone', code: null });
  await fake.until(id, 'failed');
  assert.is(fake.sessions.size, 1);
  await eventually(() => fake.sessions.size === 0);
  await using patient = new FakeController({ ORIEL_FAILED_GRACE_SECONDS: '3600' });
  await patient.sessions.stop(await patient.startReady(), 'test', { code: 'x', message: 'x' });
  patient.machinery.broken.set('network', new Error('broken'));
  await patient.until(patient.start(), 'failed');
  await eventually(() => patient.sessions.size === 0);
});

test('a desktop that is looked at and not used ends; one that is used goes on; one whose guest cannot tell goes on, too', async () => {
  await using fake = new FakeController({ ORIEL_IDLE_TIMEOUT_MINUTES: '0.01' });
  const [idle, used, old] = [await fake.startReady('ann'), await fake.startReady('bob'), await fake.startReady('cy')];
  let inputMs = 0;
  fake.sessions.report(fake.sessions.live(idle).machine, { ...READY, inputMs });
  const work = setInterval(() => fake.sessions.report(fake.sessions.live(used).machine, { ...READY, inputMs: (inputMs += 50) }), 50);
  // By noVNC, of which a guest that cannot tell of input knows nothing either.
  fake.sessions.used(fake.sessions.live(old));
  const session = await fake.until(idle, 'expired');
  clearInterval(work);
  assert.equal(session.reason, { code: 'session_idle', message: 'nobody used it for 0.6 s' });
  assert.equal(
    [used, old].map((id) => fake.sessions.read(id).status),
    ['vm_created', 'vm_created'],
  );
});

test('a guest that only tells of input and peers changes nothing of the record', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const { updatedAt } = fake.sessions.read(id);
  fake.sessions.report(fake.sessions.live(id).machine, { ...READY, inputMs: 900, peers: [{ peerId: 'p-a', state: 'connected' }] });
  assert.is(fake.sessions.read(id).updatedAt, updatedAt);
  assert.is(fake.sessions.services(id).peers.length, 1);
});

test('a session whose end cannot be written is over all the same, and written down later', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const { updatedAt } = fake.sessions.read(id);
  const { move, saveConsole } = fake.store.sessions;
  const full = () => {
    throw Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR' });
  };
  Object.assign(fake.store.sessions, { move: full, saveConsole: full });
  fake.machinery.machines[0]!.exit({ reason: 'was killed by SIGSEGV', code: null });
  const session = await fake.until(id, 'failed');
  assert.is(session.reason?.code, 'machine_exited');
  assert.ok(session.updatedAt > updatedAt, 'who waits for a change sees one');
  await eventually(() => fake.sessions.size === 0);
  assert.ok(
    fake.machinery.calls.some((call) => call.startsWith('remove m-')),
    'the machine is taken down',
  );
  assert.is(fake.store.sessions.read(id)?.status, 'vm_created', 'not in the record yet');

  Object.assign(fake.store.sessions, { move, saveConsole });
  const written = await eventually(() => fake.store.sessions.read(id)?.reason);
  assert.is(written.code, 'machine_exited');
});

test('a fatal line on the console fails the session at once', async () => {
  await using fake = new FakeController();
  const id = fake.start();
  await eventually(() => fake.sessions.read(id).phases.some(({ name }) => name === 'boot'));
  fake.machinery.say('oriel: fatal: config: /media/portMin must be integer');
  const session = await fake.until(id, 'failed');
  assert.equal(session.reason, { code: 'machine_fatal', message: 'config: /media/portMin must be integer' });
});

test('a machine that ends by itself fails its session, also one that was ready', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  fake.machinery.console = 'kernel: oops\n';
  fake.machinery.machines[0]!.exit({ reason: 'was killed by SIGSEGV', code: null });
  const session = await fake.until(id, 'failed');
  assert.equal(session.reason, {
    code: 'machine_exited',
    message: 'the machine is gone: was killed by SIGSEGV; its last lines:\nkernel: oops',
  });
  await eventually(() => fake.sessions.size === 0);
});

test('the same Idempotency-Key makes one session, and refuses another user', async () => {
  await using fake = new FakeController();
  const body = { userId: 'ann', provider: 'desktop' } as const;
  const first = fake.sessions.start(body, { idempotencyKey: 'key-1' });
  assert.is(fake.sessions.start(body, { idempotencyKey: 'key-1' }).sessionId, first.sessionId);
  assert.throws(() => fake.sessions.start({ ...body, userId: 'bob' }, { idempotencyKey: 'key-1' }), /Idempotency-Key/);
  assert.is(fake.sessions.size, 1);
});

test('a full host refuses, and has room again when a session has gone', async () => {
  await using fake = new FakeController({ ORIEL_MAX_SESSIONS: '2' });
  const first = fake.start();
  fake.start();
  assert.throws(
    () => fake.start(),
    (error: { statusCode?: number; retryAfterSeconds?: number }) => error.statusCode === 503 && error.retryAfterSeconds! > 0,
  );
  await fake.sessions.stop(first, 'test', { code: 'x', message: 'x' });
  const third = fake.start();
  assert.is(fake.sessions.live(third).slot.index, 0);
});

test('a session that no page shows expires; one that is shown does not', async () => {
  await using fake = new FakeController({ ORIEL_HEARTBEAT_TIMEOUT_SECONDS: '1' });
  const [watched, unwatched] = [await fake.startReady('ann'), await fake.startReady('bob')];
  const beat = setInterval(() => fake.sessions.heartbeat(watched), 20);
  const session = await fake.until(unwatched, 'expired');
  clearInterval(beat);
  assert.is(session.reason?.code, 'heartbeat_lost');
  assert.is(fake.sessions.read(watched).status, 'vm_created');
});

test('a session ends at its greatest age', async () => {
  await using fake = new FakeController({ ORIEL_SESSION_MAX_MINUTES: '0.01' });
  const session = await fake.until(await fake.startReady(), 'expired');
  assert.is(session.reason?.code, 'session_too_old');
});

test('a long poll answers the moment something has changed', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const { updatedAt } = fake.sessions.read(id);
  const wait = fake.sessions.wait(id, updatedAt, 20_000, gone);
  fake.sessions.report(fake.sessions.live(id).machine, { ...READY, marks: { terminal: 900 } });
  const session = await wait;
  assert.equal(session.marks, { terminal: 900 });
  assert.ok(session.updatedAt > updatedAt);
});

test('a long poll gives the same version when its time is over, and ends with the session', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const { updatedAt } = fake.sessions.read(id);
  assert.is((await fake.sessions.wait(id, updatedAt, 10, gone)).updatedAt, updatedAt);
  const wait = fake.sessions.wait(id, updatedAt, 20_000, gone);
  await fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  assert.is((await wait).status, 'stopped');
});

test('versions follow a session to its end', async () => {
  await using fake = new FakeController();
  const id = fake.start();
  const statuses: string[] = [];
  const follow = (async () => {
    for await (const session of fake.sessions.versions(id, gone)) if (session) statuses.push(session.status);
  })();
  await fake.hello(id);
  await fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  await follow;
  assert.is(statuses.at(-1), 'stopped');
  assert.ok(statuses.includes('vm_creating'));
});

test('closing ends all sessions and starts no more', async () => {
  const fake = new FakeController();
  const ids = [await fake.startReady('ann'), fake.start('bob')];
  await fake.sessions.close();
  for (const id of ids) assert.is(fake.sessions.read(id).reason?.code, 'controller_stopped');
  assert.throws(() => fake.start(), /going down/);
  assert.equal(fake.store.machines.list(), []);
  await fake[Symbol.asyncDispose]();
});

test.run();
