import { suite, assert } from '#test/suite';
import { eventually, FakeController, READY } from '../fakes/controller.ts';

/* The host's time jumps by an hour at each moment at which something of a session is reckoned; the clock that runs since its boot is ours. */
const test = suite('the host’s clock jumps');
const HOUR_MS = 3_600_000;
const MAX = { ORIEL_SESSION_MAX_MINUTES: '30' };
/** What its shim gives a controller, who tells the reason, s. */
const SHIM_LATER_S = 30;
const { now } = Date;
let clock = { bootId: 'boot', ms: 1_000_000 };
const room = { readBootTime: () => clock };
const jump = (hours: number) => void (Date.now = () => now() + hours * HOUR_MS);

test.beforeEach(() => void (clock = { bootId: 'boot', ms: 1_000_000 }));
test.afterEach(() => void (Date.now = now));

test('-1 h between two machines of one session, of which the first could not be removed: the second is its own', async () => {
  await using fake = new FakeController(MAX, undefined, room);
  fake.machinery.hanging.add('network');
  const id = fake.start();
  await eventually(() => fake.machinery.calls.includes('network 0'));
  const { machineId } = fake.sessions.live(id);
  await using next = await fake.crash(MAX, room);
  next.machinery.hanging.clear();
  next.machinery.broken.set('remove', new Error('busy'));
  jump(-1);
  clock.ms += 1_000;
  await next.sessions.resume();
  await next.hello(id);
  next.sessions.report(next.sessions.live(id).machine, READY);
  await next.until(id, 'vm_created');
  const own = next.sessions.live(id).machineId;
  assert.is.not(own, machineId);
  await using last = await next.crash(MAX, room);
  last.machinery.broken.clear();
  await last.sessions.resume();
  assert.is(last.sessions.ready(id).machineId, own);
  assert.equal(
    last.store.machines.list().map((row) => row.machineId),
    [own],
  );
});

for (const hours of [1, -1]) {
  test(`${hours} h while no controller is there: a session neither ends at once nor has its time again`, async () => {
    await using fake = new FakeController(MAX, undefined, room);
    const id = await fake.startReady();
    const { machineId } = fake.sessions.live(id);
    jump(hours);
    clock.ms += 29 * 60_000;
    await using next = await fake.crash(MAX, room);
    await next.sessions.resume();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.is(next.sessions.ready(id).machineId, machineId);
    clock.ms += 60_000;
    await using last = await next.crash(MAX, room);
    await last.sessions.resume();
    assert.is((await last.until(id, 'expired')).reason?.code, 'session_too_old');
  });

  test(`${hours} h while a session comes up: its shim is told the time that it has`, async () => {
    await using fake = new FakeController(MAX, undefined, room);
    fake.machinery.hanging.add('image');
    const id = fake.start();
    await eventually(() => fake.machinery.calls.includes('image'));
    jump(hours);
    clock.ms += 60_000;
    fake.machinery.release();
    await fake.hello(id);
    assert.is(fake.machinery.machines[0]!.spec.lifetimeS, 29 * 60 + SHIM_LATER_S);
  });

  test(`${hours} h between a session and the machine with which it begins again`, async () => {
    await using fake = new FakeController(MAX, undefined, room);
    fake.machinery.hanging.add('network');
    const id = fake.start();
    await eventually(() => fake.machinery.calls.includes('network 0'));
    jump(hours);
    clock.ms += 60_000;
    await using next = await fake.crash(MAX, room);
    fake.machinery.hanging.clear();
    await next.sessions.resume();
    await next.hello(id);
    assert.is(next.machinery.machines.at(-1)!.spec.lifetimeS, 29 * 60 + SHIM_LATER_S);
  });

  test(`${hours} h while a machine of the warm pool waits: it is adopted, and not thrown away for it`, async () => {
    const env = { ...MAX, ORIEL_WARM: '1', ORIEL_WARM_MAX_MINUTES: '10' };
    await using fake = new FakeController(env, undefined, room);
    await fake.sessions.resume();
    const { machineId } = await fake.warmReady();
    assert.is(fake.machinery.machines[0]!.spec.lifetimeS, 40 * 60 + SHIM_LATER_S);
    jump(hours);
    await using next = await fake.crash(env, room);
    await next.sessions.resume();
    next.sessions.report(next.sessions.inSlot(0)!, READY);
    await eventually(() => next.sessions.warm.ready === 1);
    const id = next.start();
    await eventually(() => next.store.machines.read(machineId)?.sessionId === id);
  });

  test(`${hours} h while a machine is taken down: it is taken down as ever`, async () => {
    await using fake = new FakeController(MAX, undefined, room);
    const id = await fake.startReady();
    fake.machinery.hanging.add('remove');
    const stopping = fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
    jump(hours);
    fake.machinery.release();
    await stopping;
    assert.equal(fake.store.machines.list(), []);
    assert.ok(fake.sessions.read(id).updatedAt >= fake.sessions.read(id).createdAt);
  });
}

test.run();
