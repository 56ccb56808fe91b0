import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { assert, suite } from '#test/suite';
import type { Egress, EgressLease } from '../../src/egress/egress.ts';
import { KeptEgress } from '../../src/egress/kept-egress.ts';
import { toSlot, type Slot } from '../../src/net/slot.ts';

const test = suite('egress: kept');
const [one, two] = [toSlot('oriel', 1), toSlot('oriel', 2)];
const log = pino({ level: 'silent' });

/** Processes that only write down what they were asked. */
class FakeProcesses {
  readonly calls: string[] = [];
  /** Starts that fail before one works. */
  failures = 0;
  #die: () => void = () => {};
  #pid = 0;
  onOpen: () => void = () => {};

  start = async (): Promise<Egress> => {
    const pid = ++this.#pid;
    this.calls.push(`start ${pid}`);
    if (this.failures-- > 0) throw new Error('does not start');
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    this.#die = resolve;
    return {
      pid,
      adopted: false,
      exited,
      open: async (slot: Slot, { machineId }: EgressLease) => {
        this.onOpen();
        this.calls.push(`open ${pid} ${slot.index} ${machineId}`);
      },
      close: async (slot: Slot) => void this.calls.push(`close ${pid} ${slot.index}`),
      counts: async () => ({}),
      totals: async () => ({ open: 0, slots: 0, connections: pid, bytesUp: 0, bytesDown: 0 }),
      stop: async () => {
        this.calls.push(`stop ${pid}`);
        resolve();
      },
    };
  };

  /** The process dies; what was asked before is forgotten. */
  die(): void {
    this.calls.length = 0;
    this.#die();
  }
}

async function keep(processes: FakeProcesses): Promise<KeptEgress> {
  const egress = new KeptEgress({ start: processes.start, log, firstMs: 5, mostMs: 20 });
  await egress.ready;
  return egress;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(1);
}

test('a process that dies is started again, with the leases that are still held', async () => {
  const processes = new FakeProcesses();
  const egress = await keep(processes);
  await egress.open(one, { machineId: 'm-one' });
  await egress.open(two, { machineId: 'm-two' });
  await egress.close(one);
  processes.die();
  await until(() => processes.calls.length === 2);
  assert.equal(processes.calls, ['start 2', 'open 2 2 m-two']);
});

test('its state says that it is away, and that it is back', async () => {
  const processes = new FakeProcesses();
  const egress = await keep(processes);
  assert.is(egress.state, 'ok');
  processes.die();
  await until(() => egress.state !== 'ok');
  assert.match(egress.state, /being started again/);
  await until(() => egress.state === 'ok');
});

test('one that does not start is tried again', async () => {
  const processes = new FakeProcesses();
  const egress = await keep(processes);
  await egress.open(one, { machineId: 'm-one' });
  processes.failures = 3;
  processes.die();
  await until(() => egress.state === 'ok' && processes.calls.length === 5);
  assert.equal(processes.calls, ['start 2', 'start 3', 'start 4', 'start 5', 'open 5 1 m-one']);
});

test('the first one that does not start is no other one’s turn: whoever waits for it, and whoever opens, is told', async () => {
  const processes = new FakeProcesses();
  processes.failures = 1;
  const egress = new KeptEgress({ start: processes.start, log, firstMs: 5, mostMs: 20 });
  assert.match(String(await egress.ready.catch((error: Error) => error.message)), /does not start/);
  assert.match(String(await egress.open(one, { machineId: 'm-one' }).catch((error: Error) => error.message)), /was stopped/);
  await egress.stop();
  assert.equal(processes.calls, ['start 1']);
});

test('who opens while it is away waits until it is back', async () => {
  const processes = new FakeProcesses();
  const egress = await keep(processes);
  processes.die();
  await until(() => egress.state !== 'ok');
  await egress.open(one, { machineId: 'm-one' });
  assert.is(egress.state, 'ok');
  assert.ok(processes.calls.includes('open 2 1 m-one'));
});

test('a slot that is closed while it is away, or being opened again, stays closed', async () => {
  const processes = new FakeProcesses();
  const egress = await keep(processes);
  await egress.open(one, { machineId: 'm-one' });
  await egress.open(two, { machineId: 'm-two' });
  processes.onOpen = () => void egress.close(two);
  processes.die();
  await until(() => egress.state !== 'ok');
  await egress.close(one);
  await until(() => egress.state === 'ok');
  assert.equal(processes.calls, ['start 2', 'open 2 2 m-two', 'close 2 2']);
});

test('left to the next controller, it is not stopped, and not started again here when that one ends it', async () => {
  const processes = new FakeProcesses();
  const left = await keep(processes);
  left.letGo();
  assert.equal(processes.calls, ['start 1']);
  processes.die();
  await sleep(20);
  assert.equal(processes.calls, []);
});

test('stopped, it is not started again, also when it was away', async () => {
  const processes = new FakeProcesses();
  const running = await keep(processes);
  await running.stop();
  await sleep(20);
  assert.equal(processes.calls, ['start 1', 'stop 1']);

  const away = await keep(processes);
  processes.die();
  await until(() => away.state !== 'ok');
  await away.stop();
  assert.equal(processes.calls, []);
  const refused = await away.open(one, { machineId: 'm-one' }).catch((error: Error) => error.message);
  assert.match(String(refused), /was stopped/);
});

test.run();
