import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { suite, assert } from '#test/suite';
import { endDrain, setDrain } from '../../src/process/drain.ts';
import type { WarmObserver } from '../../src/sessions/warm-pool.ts';
import { eventually, FakeController, READY } from '../fakes/controller.ts';

const test = suite('warm pool');
const ONE = { ORIEL_WARM: '1' };

async function withPool(
  env: Record<string, string> = ONE,
  ...rest: ConstructorParameters<typeof FakeController> extends [unknown?, ...infer R] ? R : never
) {
  const fake = new FakeController(env, ...rest);
  await fake.sessions.resume();
  return fake;
}

const ofPool = (fake: FakeController) => fake.store.machines.list().filter(({ sessionId }) => sessionId === undefined);
const phasesOf = (fake: FakeController, id: string) => fake.sessions.read(id).phases.map(({ name }) => name);

test('without ORIEL_WARM nothing is booted ahead', async () => {
  await using fake = await withPool({});
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal([fake.store.machines.list(), fake.machinery.calls], [[], ['network.list']]);
});

test('a drained host gives its warm machines up, and boots them again afterwards', async () => {
  await using fake = await withPool();
  await fake.warmReady();
  await setDrain(fake.dir, undefined, new Date().toISOString());
  await eventually(() => fake.store.machines.list().length === 0);
  await endDrain(fake.dir);
  await fake.warmReady();
});

test('a machine is booted ahead of any session, with its guest endpoint and without a way out', async () => {
  await using fake = await withPool();
  await fake.warmReady();
  assert.equal(fake.sessions.warm, { booting: 0, ready: 1 });
  assert.ok(fake.machinery.calls.includes('listen 0'));
  assert.not.ok(fake.machinery.calls.some((call) => call.startsWith('egress.open')));
  assert.equal(
    ofPool(fake).map(({ state, slot }) => ({ state, slot })),
    [{ state: 'running', slot: 0 }],
  );
});

test('a session claims it: one phase, the way out, its machine’s state and image, and no machine is started', async () => {
  await using fake = await withPool();
  const machine = await fake.warmReady();
  const started = fake.machinery.machines.length;
  const id = fake.start();
  const session = await fake.until(id, 'vm_created');
  assert.equal(phasesOf(fake, id), ['claim']);
  assert.ok(session.phases[0]!.endedAt);
  assert.is(session.machine?.machineId, machine.machineId);
  assert.equal([session.image, session.services, session.marks], [fake.machinery.imageId, READY.services, READY.marks]);
  assert.is(fake.machinery.machines.length, started);
  assert.ok(fake.machinery.calls.includes('egress.open 0'));
  assert.is(fake.store.machines.read(machine.machineId)?.sessionId, id);
  assert.is(fake.sessions.ready(id).machine, machine);
});

test('that it was claimed is in the machine’s history, which goes with the session', async () => {
  await using fake = await withPool();
  const { machineId } = await fake.warmReady();
  const id = fake.start();
  await fake.until(id, 'vm_created');
  assert.equal(
    fake.store.machines.history(machineId).map(({ from, to, why }) => [from, to, why]),
    [
      [null, 'recorded', null],
      ['recorded', 'started', null],
      ['started', 'running', 'said hello'],
      ['running', 'running', `claimed by ${id}`],
    ],
  );
});

test('two starts at once never get the same one: the second is cold', async () => {
  const seen: string[] = [];
  const warm: WarmObserver = { claimed: () => void seen.push('claimed'), missed: () => void seen.push('missed'), failed: () => {} };
  await using fake = await withPool(ONE, undefined, { warm });
  const machine = await fake.warmReady();
  const [one, two] = [fake.start('ann'), fake.start('bob')];
  assert.is(fake.sessions.live(one).machineId, machine.machineId);
  assert.is.not(fake.sessions.live(two).machineId, machine.machineId);
  assert.equal(seen, ['claimed', 'missed']);
  await fake.hello(two);
  fake.sessions.report(fake.sessions.live(two).machine, READY);
  await fake.until(two, 'vm_created');
  assert.equal(phasesOf(fake, two), ['network', 'machine', 'boot', 'desktop']);
});

test('a machine that is another’s already cannot be claimed, whoever thinks that it can', async () => {
  await using fake = await withPool();
  const { machineId } = await fake.warmReady();
  const move = { at: new Date().toISOString(), who: 'test' };
  const [one, two] = [fake.start('ann'), 's-other'];
  await fake.until(one, 'vm_created');
  assert.not(fake.store.machines.claim(machineId, two, move.at, move));
  assert.is(fake.store.machines.read(machineId)?.sessionId, one);
});

test('one that is claimed is replaced, once no session comes up any more', async () => {
  await using fake = await withPool();
  const { machineId } = await fake.warmReady();
  await fake.until(fake.start(), 'vm_created');
  const next = await fake.warmReady();
  assert.is.not(next.machineId, machineId);
  assert.is(fake.sessions.warm.ready, 1);
});

test('while a session comes up nothing is booted ahead, and what is booting gives way', async () => {
  await using fake = await withPool();
  const { machineId } = await fake.warmMachine();
  const id = fake.start();
  await eventually(() => fake.machinery.calls.includes(`remove ${machineId}`));
  await eventually(() => ofPool(fake).length === 0);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(ofPool(fake), []);
  await fake.hello(id);
  fake.sessions.report(fake.sessions.live(id).machine, READY);
  await fake.until(id, 'vm_created');
  await fake.warmReady();
});

test('a pool that takes the last slot is in nobody’s way', async () => {
  await using fake = await withPool({ ORIEL_WARM: '1', ORIEL_MAX_SESSIONS: '1' });
  await fake.warmMachine();
  const id = fake.start();
  assert.is(fake.sessions.read(id).status, 'pending');
  assert.throws(() => fake.start('bob'), /of slots 0 are free/);
});

test('nothing is booted ahead that the host would not hold, and a claim needs no room', async () => {
  const host = { availableMib: 100_000, usedMib: 0, cpuPressure: 0 };
  await using fake = await withPool({ ORIEL_WARM: '2' }, undefined, { readHostRoom: () => host });
  await fake.warmReady();
  host.availableMib = 0;
  await eventually(() => ofPool(fake).length === 2 || fake.sessions.warm.booting === 0);
  const id = fake.start();
  await fake.until(id, 'vm_created');
  assert.equal(phasesOf(fake, id), ['claim']);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(
    ofPool(fake).filter(({ state }) => state === 'recorded'),
    [],
  );
  assert.throws(() => fake.start('bob'), /of memory 0 MiB are free/);
});

test('one that dies is thrown away with its reason, and another is booted after a pause', async () => {
  const failed: string[] = [];
  const warm: WarmObserver = { claimed: () => {}, missed: () => {}, failed: (code) => void failed.push(code) };
  await using fake = await withPool(ONE, undefined, { warm });
  const { machineId, runDir } = await fake.warmReady();
  await mkdir(runDir, { recursive: true });
  fake.machinery.machines.at(-1)!.exit({ reason: 'killed by SIGSEGV', code: 139 });
  await eventually(() => fake.store.machines.read(machineId) === undefined);
  assert.equal([failed, fake.sessions.warm.ready, existsSync(runDir)], [['machine_exited'], 0, false]);
  await fake.warmReady();
});

test('one whose desktop is not ready now is not claimed, and is again when it is', async () => {
  await using fake = await withPool();
  const machine = await fake.warmReady();
  const services = READY.services.map((service) => (service.name === 'xorg' ? { ...service, state: 'down' as const } : service));
  fake.sessions.report(machine, { ...READY, services });
  assert.is(fake.sessions.warm.ready, 0);
  fake.sessions.report(machine, READY);
  assert.is(fake.sessions.warm.ready, 1);
});

for (const [what, change] of [
  ['image', (fake: FakeController) => void (fake.machinery.imageId = 'cd'.repeat(32))],
  ['display', (fake: FakeController) => void (fake.config.display = { width: 800, height: 600 })],
  ['memory', (fake: FakeController) => void (fake.config.limits.memoryMib = 1024)],
] as const)
  test(`one that was booted for another ${what} is replaced`, async () => {
    await using fake = await withPool();
    const { machineId } = await fake.warmReady();
    change(fake);
    await eventually(() => fake.store.machines.read(machineId) === undefined);
    await fake.warmReady();
  });

test('one that has waited for too long is replaced', async () => {
  await using fake = await withPool({ ...ONE, ORIEL_WARM_MAX_MINUTES: '0.05' });
  const { machineId } = await fake.warmReady();
  await eventually(() => fake.store.machines.read(machineId) === undefined);
  await fake.warmReady();
});

test('after a restart it is in the pool again, with the same pid, and can be claimed', async () => {
  await using fake = await withPool();
  const { machineId } = await fake.warmReady();
  await using next = await fake.crash(ONE);
  await next.sessions.resume();
  assert.equal(next.machinery.calls.slice(0, 2), [`adopt ${machineId}`, 'listen 0']);
  assert.equal(next.sessions.warm, { booting: 1, ready: 0 });
  next.sessions.report(next.sessions.inSlot(0)!, READY);
  await eventually(() => next.sessions.warm.ready === 1);
  const id = next.start();
  await next.until(id, 'vm_created');
  assert.is(next.sessions.live(id).machineId, machineId);
  assert.is(next.machinery.machines.length, 1);
});

test('one that had not said hello when the controller ended does so to the next', async () => {
  await using fake = await withPool();
  const { machineId } = await fake.warmMachine();
  await using next = await fake.crash(ONE);
  await next.sessions.resume();
  assert.is((await next.warmReady()).machineId, machineId);
});

test('after a restart with another image, or without a pool, it is thrown away', async () => {
  for (const env of [{}, { ...ONE, ORIEL_DISPLAY: '800x600' }]) {
    await using fake = await withPool();
    const { machineId } = await fake.warmReady();
    await using next = await fake.crash(env);
    await next.sessions.resume();
    await eventually(() => next.store.machines.read(machineId) === undefined);
    assert.ok(next.machinery.calls.includes(`remove ${machineId}`));
  }
});

for (const step of ['network', 'listen', 'start'])
  test(`one that hung at the step ${step} when the controller ended is taken down, and another is booted`, async () => {
    await using fake = new FakeController(ONE);
    fake.machinery.hanging.add(step);
    await fake.sessions.resume();
    await eventually(() => fake.machinery.calls.some((call) => call.split(' ')[0] === step));
    const [row] = ofPool(fake);
    await using next = await fake.crash(ONE);
    fake.machinery.hanging.clear();
    await next.sessions.resume();
    assert.ok(next.machinery.calls.includes(`remove ${row!.machineId}`));
    assert.is.not((await next.warmReady()).machineId, row!.machineId);
  });

test('a session that has claimed its machine goes on with it after a restart, wherever its claim was', async () => {
  for (const isMoved of [false, true]) {
    await using fake = await withPool();
    const { machineId } = await fake.warmReady();
    fake.machinery.hanging.add('egress.open');
    const id = fake.start();
    await eventually(() => fake.machinery.calls.includes('egress.open 0'));
    // As at an end between the claim and the session's first move.
    if (!isMoved) fake.store.sessions.move(id, { to: 'pending', at: new Date().toISOString(), who: 'test' });
    await using next = await fake.crash(ONE);
    fake.machinery.hanging.clear();
    await next.sessions.resume();
    next.sessions.report(next.sessions.live(id).machine, READY);
    await next.until(id, 'vm_created');
    assert.is(next.sessions.live(id).machineId, machineId);
    assert.equal(phasesOf(next, id), ['claim']);
    assert.is(next.machinery.machines.length, 1);
  }
});

test('a session that was written down, and had claimed nothing when the controller ended, begins again', async () => {
  await using fake = await withPool();
  const { machineId } = await fake.warmReady();
  const at = new Date().toISOString();
  const facts = { owner: 'product', userId: 'ann', provider: 'desktop', display: fake.config.display, idempotencyKey: undefined };
  fake.store.sessions.insert({ id: 's-aaaaaaaaaaaaaaaaaaaa', ...facts, at });
  await using next = await fake.crash(ONE);
  await next.sessions.resume();
  assert.is(next.sessions.read('s-aaaaaaaaaaaaaaaaaaaa').status, 'pending');
  assert.ok(next.store.machines.read(machineId));
  await eventually(() => next.sessions.find('s-aaaaaaaaaaaaaaaaaaaa')?.machineId !== machineId);
});

test('an orderly end leaves it running, a stop takes it down', async () => {
  await using fake = await withPool();
  const { machineId } = await fake.warmReady();
  await using next = await fake.crash(ONE);
  assert.ok(next.store.machines.read(machineId));
  assert.is(fake.machinery.machines[0]!.ended, undefined);
  await next.sessions.resume();
  await next.sessions.close();
  assert.equal(next.store.machines.list(), []);
  assert.ok(fake.machinery.machines[0]!.ended);
});

test('a session that ends takes the machine with it that it has claimed', async () => {
  await using fake = await withPool();
  const { machineId } = await fake.warmReady();
  const id = fake.start();
  await fake.until(id, 'vm_created');
  fake.machinery.say('a last line');
  await fake.sessions.stop(id, 'test', { code: 'stopped', message: 'by the test' });
  assert.is(fake.store.machines.read(machineId), undefined);
  assert.equal(await fake.sessions.console(id), ['a last line']);
  assert.ok(fake.machinery.calls.includes('egress.close 0'));
});

test.run();
