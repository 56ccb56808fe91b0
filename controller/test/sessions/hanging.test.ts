import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { Snapshots } from '../../src/machines/snapshots.ts';
import { eventually, FakeController } from '../fakes/controller.ts';

/*
 * A driver, or another part of the host, that does not come back and hears no signal, at each step that a controller asks of it. Each has an
 * end that is told; what may be there still keeps its record and its slot, and goes when the host comes back.
 */
const test = suite('what hangs');
const ROOM = { stepLimits: { image: 60, takeDown: 25, look: 60, again: 10 } };
const PHASES = { ORIEL_NETWORK_TIMEOUT_SECONDS: '0.05', ORIEL_MACHINE_TIMEOUT_SECONDS: '0.05', ORIEL_BOOT_TIMEOUT_SECONDS: '0.05' };
const ASKED = { code: 'stopped_by_request', message: 'ended' };

/** Nothing is there of any machine. */
async function isClean({ sessions, store, dir, machinery }: FakeController): Promise<void> {
  await eventually(() => sessions.size === 0 && store.machines.list().length === 0);
  const machines = join(dir, 'machines');
  assert.equal(existsSync(machines) ? readdirSync(machines) : [], []);
  assert.ok(machinery.machines.every(({ ended }) => ended !== undefined));
}

for (const { step, code, message, hasRecord } of [
  { step: 'image', code: 'image_timed_out', message: /not checked and mounted within 0.06 s/, hasRecord: false },
  { step: 'prepare', code: 'image_timed_out', message: /not checked and mounted within 0.06 s/, hasRecord: false },
  { step: 'kernel', code: 'kernel_unusable', message: /looking for it: not done after 60 ms/, hasRecord: false },
  { step: 'network', code: 'network_timed_out', message: /network was not up within 0.05 s/, hasRecord: true },
  { step: 'listen', code: 'network_timed_out', message: /network was not up within 0.05 s/, hasRecord: true },
  { step: 'egress.open', code: 'network_timed_out', message: /network was not up within 0.05 s/, hasRecord: false },
  { step: 'start', code: 'machine_timed_out', message: /machine was not started within 0.05 s/, hasRecord: true },
  { step: 'snapshot', code: 'boot_timed_out', message: /did not report within 0.05 s/, hasRecord: false },
]) {
  test(`on the way up, ${step}: the session fails in time and says so, and all of it goes`, async () => {
    await using fake = new FakeController(PHASES, undefined, ROOM);
    const { machinery } = fake;
    machinery.deaf.add(step);
    machinery.driver.prepare = () => machinery.step('prepare');
    if (step === 'kernel') machinery.driver.isolation = 'virtual-machine';
    if (step === 'snapshot') machinery.snapshots = new Snapshots(join(fake.dir, 'snapshots'));
    const id = fake.start();
    if (step === 'snapshot') (await eventually(() => fake.sessions.live(id).gate)).ask();
    const { reason } = await fake.until(id, 'failed');
    assert.is(reason?.code, code);
    assert.match(reason!.message, message);
    if (hasRecord) {
      await fake.sessions.stop(id, 'test', ASKED);
      assert.is(fake.store.machines.list()[0]?.sessionId, id, 'what may still come of it is known');
      assert.is.not(fake.sessions.live(fake.start('bob')).slot.index, 0, 'its slot is nobody else’s');
      for (const other of fake.store.sessions.list(['pending', 'vm_creating'])) await fake.sessions.stop(other, 'test', ASKED);
    }
    machinery.release();
    await isClean(fake);
    assert.is(fake.sessions.live(fake.start('cy')).slot.index, 0);
  });
}

for (const step of ['remove', 'egress.close', 'listen.close', 'network.remove', 'stop', 'console']) {
  test(`on the way down, ${step}: whoever ends it is answered, its slot stays taken, and all of it goes when the host comes back`, async () => {
    await using fake = new FakeController({}, undefined, ROOM);
    const { machinery } = fake;
    const id = await fake.startReady();
    machinery.deaf.add(step);
    const [machine] = machinery.machines;
    const stop = machine!.stop.bind(machine);
    if (step === 'stop') machine!.stop = () => machinery.step('stop').then(stop);
    if (step === 'console') machinery.readConsole = () => machinery.step('console').then(() => '');
    await fake.sessions.stop(id, 'test', ASKED);
    assert.is(fake.sessions.read(id).status, 'stopped');
    assert.is(fake.store.machines.list().length, 1);
    assert.is(fake.sessions.live(fake.start('bob')).slot.index, 1);
    const asked = machinery.calls.filter((call) => call.startsWith(step)).length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.is(machinery.calls.filter((call) => call.startsWith(step)).length, asked, 'it is not asked a second time while it hangs');
    await fake.sessions.stop(fake.store.sessions.list(['pending', 'vm_creating'])[0]!, 'test', ASKED);
    machinery.release();
    await isClean(fake);
  });

  test(`on the way down, ${step} that fails is tried again until it does not`, async () => {
    await using fake = new FakeController({}, undefined, ROOM);
    const { machinery } = fake;
    const id = await fake.startReady();
    const [machine] = machinery.machines;
    const stop = machine!.stop.bind(machine);
    if (step === 'stop') machine!.stop = () => machinery.step('stop').then(stop);
    if (step === 'console') return fake.sessions.stop(id, 'test', ASKED);
    machinery.broken.set(step, new Error('no file descriptors'));
    await fake.sessions.stop(id, 'test', ASKED);
    assert.equal(
      fake.store.machines.list().map(({ state }) => state),
      ['ending'],
    );
    machinery.broken.clear();
    await isClean(fake);
  });
}

for (const { step, isKept } of [
  { step: 'adopt', isKept: true },
  { step: 'exit', isKept: true },
  { step: 'listen', isKept: false },
  { step: 'egress.open', isKept: false },
  { step: 'network.list', isKept: false },
]) {
  test(`at the start of the next controller, ${step}: it serves, and deletes nothing of what lives`, async () => {
    await using fake = new FakeController({}, undefined, ROOM);
    const id = await fake.startReady();
    await using next = await fake.crash({}, ROOM);
    const { machinery } = next;
    machinery.driver.readExit = () => machinery.step('exit').then(() => ({ reason: 'x', code: 0 }));
    if (step === 'exit') machinery.machines[0]!.ended = { reason: 'x', code: 0 };
    machinery.deaf.add(step);
    await next.sessions.resume();
    assert.is(machinery.calls.filter((call) => /^(remove|egress.close|network.remove)/.test(call)).length, 0);
    assert.is(next.sessions.read(id).status, 'vm_created');
    assert.is(next.sessions.live(next.start('bob')).slot.index, 1, 'its slot is kept');
    if (isKept) assert.throws(() => next.sessions.live(id), /cannot reach the machine/);
    machinery.release();
    if (!isKept) await eventually(() => next.sessions.ready(id));
  });
}

for (const step of ['remove', 'egress.close', 'network.remove']) {
  test(`at the start of the next controller, ${step} of what is left over: it serves, and the one after it takes that down`, async () => {
    await using fake = new FakeController({}, undefined, ROOM);
    const id = await fake.startReady();
    fake.machinery.deaf.add('remove');
    await fake.sessions.stop(id, 'test', ASKED);
    await using next = await fake.crash({}, ROOM);
    next.machinery.release();
    next.machinery.deaf.add(step);
    await next.sessions.resume();
    assert.is(next.store.machines.list().length, 1);
    assert.is(next.sessions.live(next.start('bob')).slot.index, 1);
    next.machinery.release();
    await using last = await next.crash({}, ROOM);
    await last.sessions.resume();
    assert.not.ok(last.store.machines.list().some(({ sessionId }) => sessionId === id));
  });
}

test('a machine of the warm pool that cannot be taken down keeps its slot; the pool goes on with another, and can be closed', async () => {
  await using fake = new FakeController({ ORIEL_WARM: '1' }, undefined, ROOM);
  await fake.sessions.resume();
  const first = await fake.warmReady();
  fake.machinery.deaf.add('remove');
  fake.machinery.machines[0]!.exit({ reason: 'gone', code: 1 });
  await eventually(() => fake.sessions.warm.ready === 0);
  const second = await fake.warmReady();
  assert.is.not(second.slot.index, first.slot.index);
  fake.machinery.release();
  await eventually(() => fake.store.machines.list().length === 1);
});

test('a controller that ends does not wait for what hangs: its record is the next one’s', async () => {
  const fake = new FakeController({}, undefined, ROOM);
  const id = await fake.startReady();
  fake.machinery.deaf.add('remove');
  await fake.sessions.close();
  assert.is(fake.sessions.read(id).status, 'stopped');
  assert.is(fake.store.machines.list().length, 1);
  await fake[Symbol.asyncDispose]();
});

test.run();
