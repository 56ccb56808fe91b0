import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { readBootTime } from '../../src/host/boot-time.ts';
import { endAll, removeStrayDirectories } from '../../src/sessions/recover.ts';
import { FakeController, log } from '../fakes/controller.ts';

const test = suite('ending all');

/** What a controller leaves that was killed while a session ran in slot 2. */
function leaveBehind(fake: FakeController) {
  const runDir = join(fake.dir, 'machines', 'm-aaaaaaaaaaaa');
  mkdirSync(runDir, { recursive: true });
  const at = new Date().toISOString();
  fake.store.sessions.insert({
    id: `s-${'a'.repeat(20)}`,
    owner: 'product',
    userId: 'ann',
    provider: 'desktop',
    display: { width: 1, height: 1 },
    idempotencyKey: undefined,
    at,
  });
  fake.store.machines.insert({ machineId: 'm-aaaaaaaaaaaa', sessionId: `s-${'a'.repeat(20)}`, slot: 2, runDir, driver: 'container' }, at);
  return {
    runDir,
    deps: { store: fake.store, machinery: fake.machinery, drivers: { container: fake.machinery.driver }, instance: 'oriel', log },
  };
}

test('machines go before their networks, then records; sessions are stopped with the reason', async () => {
  await using fake = new FakeController();
  const { runDir, deps } = leaveBehind(fake);
  assert.is(await endAll(deps), 1);
  assert.equal(fake.machinery.calls, ['remove m-aaaaaaaaaaaa', 'egress.close 2', 'network.remove 2', 'network.list']);
  assert.not(existsSync(runDir));
  assert.equal(fake.store.machines.list(), []);
  const session = fake.sessions.read(`s-${'a'.repeat(20)}`);
  assert.is(session.status, 'stopped');
  assert.is(session.reason?.code, 'controller_stopped');
});

test('a machine that cannot be removed keeps its record and its network', async () => {
  await using fake = new FakeController();
  const { deps } = leaveBehind(fake);
  fake.machinery.broken.set('remove', new Error('busy'));
  fake.machinery.strayNetworks = [2];
  await endAll(deps);
  assert.is(fake.store.machines.list().length, 1);
  assert.not(fake.machinery.calls.includes('network.remove 2'));
  fake.machinery.broken.clear();
  await endAll(deps);
  assert.equal(fake.store.machines.list(), []);
});

test('networks that nobody recorded go too', async () => {
  await using fake = new FakeController();
  fake.machinery.strayNetworks = [5];
  await endAll({ store: fake.store, machinery: fake.machinery, drivers: { container: fake.machinery.driver }, instance: 'oriel', log });
  assert.equal(fake.machinery.calls, ['network.list', 'network.remove 5']);
});

test('directories that nobody recorded go too', async () => {
  await using fake = new FakeController();
  const { runDir } = leaveBehind(fake);
  const stray = join(fake.dir, 'machines', 'm-bbbbbbbbbbbb');
  mkdirSync(stray);
  await removeStrayDirectories(join(fake.dir, 'machines'), { store: fake.store, log });
  assert.equal([existsSync(runDir), existsSync(stray)], [true, false]);
});

test('nothing is deleted when the listing fails', async () => {
  await using fake = new FakeController();
  fake.machinery.broken.set('network.list', new Error('cannot list'));
  const error = await endAll({
    store: fake.store,
    machinery: fake.machinery,
    drivers: { container: fake.machinery.driver },
    instance: 'oriel',
    log,
  }).catch((reason: Error) => reason);
  assert.instance(error, Error);
  assert.equal(fake.machinery.calls, ['network.list']);
});

for (const [what, bootId, pid] of [
  ['this boot of the host', readBootTime().bootId, 4242],
  ['another boot of the host', 'another', 0],
] as const)
  test(`a machine of ${what} is removed ${pid ? 'with' : 'without'} its pid, which may be another process’s`, async () => {
    await using fake = new FakeController();
    const facts = { sessionId: undefined, slot: 2, runDir: join(fake.dir, 'machines', 'm-cccccccccccc'), driver: 'container' };
    fake.store.machines.insert({ machineId: 'm-cccccccccccc', ...facts, born: { bootId, ms: 1 } }, new Date().toISOString());
    const process = { pid: 4242, startTime: 1, secretHash: '', vncSecretSealed: '' };
    fake.store.machines.move('m-cccccccccccc', { to: 'started', at: 'then', who: 'test' }, process);
    const removed: (number | undefined)[] = [];
    fake.machinery.driver.remove = async (record) => void removed.push(record.pid);
    await endAll({ store: fake.store, machinery: fake.machinery, drivers: { container: fake.machinery.driver }, instance: 'oriel', log });
    assert.equal(removed, [pid]);
  });

test.run();
