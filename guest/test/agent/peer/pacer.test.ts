import { mock } from 'node:test';
import { assert, suite } from '#test/suite';
import { Pacer } from '../../../src/agent/peer/pacer.ts';

const test = suite('pacer');

interface Item {
  name: string;
  bytes: number;
}

function start({ kbps = 8000, maySend = (): boolean => true } = {}) {
  let nowMs = 0;
  let empties = 0;
  const sent: { name: string; atMs: number }[] = [];
  const pacer = new Pacer<Item>({
    send: ({ name }) => void sent.push({ name, atMs: nowMs }),
    maySend,
    paceKbps: () => kbps,
    onEmpty: () => (empties += 1),
    now: () => nowMs,
  });
  const pass = (ms: number) => {
    for (let count = 0; count < ms; count++) {
      nowMs += 1;
      mock.timers.tick(1);
    }
  };
  return { pacer, sent, pass, empties: () => empties };
}

const toItems = (count: number, name = 'a'): Item[] => Array.from({ length: count }, () => ({ name, bytes: 1000 }));

test.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
test.afterEach(() => mock.timers.reset());

test('a small frame leaves at once, a large one at the pace', () => {
  const { pacer, sent, pass, empties } = start();
  pass(100);
  pacer.push(toItems(3));
  assert.equal([sent.length, empties()], [3, 1]);
  pass(100);
  pacer.push(toItems(50));
  assert.ok(sent.length < 10, `${sent.length} left at once`);
  assert.is(Math.round(pacer.waitMs), 53 - sent.length);
  pass(20);
  assert.ok(sent.length > 20 && sent.length < 33, `${sent.length} after 20 ms`);
  pass(40);
  assert.equal([sent.length, pacer.isEmpty, empties()], [53, true, 2]);
});

test('what is urgent goes first', () => {
  const { pacer, sent, pass } = start();
  pacer.push(toItems(10));
  const before = sent.length;
  pacer.pushUrgent(toItems(1, 'b'));
  pass(20);
  assert.is(sent[before]!.name, 'b');
  assert.is(sent.length, 11);
});

test('a full link is asked again, and may tell by itself that there is room', () => {
  let isFull = true;
  const { pacer, sent, pass } = start({ maySend: () => !isFull });
  pacer.push(toItems(2));
  assert.equal([sent.length, pacer.isBlocked], [0, true]);
  isFull = false;
  pacer.wake();
  assert.equal([sent.length, pacer.isBlocked], [2, false]);
  isFull = true;
  pass(10);
  pacer.push(toItems(1));
  isFull = false;
  pass(30);
  assert.is(sent.length, 3);
});

test('what is stale is let go, and after the end nothing leaves', () => {
  const { pacer, sent, pass } = start({ maySend: () => false });
  pacer.push([...toItems(2), ...toItems(2, 'b')]);
  pacer.drop(({ name }) => name === 'a');
  assert.is(pacer.waitMs, 2);
  pacer.stop();
  pass(100);
  assert.equal([sent.length, pacer.isEmpty], [0, true]);
});

test.run();
