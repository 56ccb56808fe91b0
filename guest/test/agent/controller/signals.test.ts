import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestSignal } from '#contract/signal';
import { assert, suite } from '#test/suite';
import { followSignals } from '../../../src/agent/controller/signals.ts';
import { createLog } from '../../../src/agent/log.ts';
import { FakeController, refusal, type Reply } from '../../fakes/fake-controller.ts';

const test = suite('signals');
const bye = (peerId: string): GuestSignal => ({ kind: 'bye', peerId });
const toPath = ([after, wait]: number[]) => `/guest/signals?after=${after}&wait=${wait}`;

/** Follows a controller that gives these replies, then keeps the guest waiting. */
async function follow(replies: Reply[], untilSignals: number) {
  const controller = new FakeController();
  const waiting = [...replies];
  controller.answer = () => waiting.shift() ?? new Promise(() => {});
  const endpoint = await controller.start();
  const stop = new AbortController();
  const got: GuestSignal[] = [];
  const lines: string[] = [];
  let backs = 0;
  const log = createLog((line) => lines.push(line));
  const onSignal = (signal: GuestSignal) => void got.push(signal);
  const followed = followSignals({ endpoint, secret: 's', signal: stop.signal, log, onSignal, onBack: () => void backs++ });
  for (let turn = 0; turn < 400 && got.length < untilSignals; turn++) await sleep(10);
  await sleep(20);
  stop.abort();
  await followed;
  await controller.stop();
  return { got, lines, backs, paths: controller.requests.map(({ path }) => path) };
}

test('signals are handed on in their order, and acknowledged with the next question', async () => {
  const { got, paths } = await follow(
    [
      { status: 200, body: { cursor: 2, signals: [bye('a'), bye('b')] } },
      { status: 200, body: { cursor: 2, signals: [] } },
      { status: 200, body: { cursor: 3, signals: [bye('c')] } },
    ],
    3,
  );
  assert.equal(got, [bye('a'), bye('b'), bye('c')]);
  assert.equal(
    paths,
    [
      [0, 0],
      [2, 25],
      [2, 25],
      [3, 25],
    ].map(toPath),
  );
});

test('a wait is as long as the controller said with its last reply, and the first one asks', async () => {
  const { paths } = await follow(
    [
      { status: 200, body: { cursor: 1, signals: [], wait: 61.5 } },
      { status: 200, body: { cursor: 1, signals: [], wait: 'long' } },
      { status: 200, body: { cursor: 1, signals: [], wait: 0.1 } },
      { status: 200, body: { cursor: 2, signals: [bye('a')] } },
    ],
    1,
  );
  assert.equal(
    paths,
    [
      [0, 0],
      [1, 61.5],
      [1, 0],
      [1, 0.1],
      [2, 25],
    ].map(toPath),
  );
});

test('a controller that is away, unwell or of another mind is asked again, and its absence logged once', async () => {
  const { got, lines } = await follow(
    [
      { status: 200, cut: true },
      { status: 503 },
      refusal(401, 'nobody'),
      { status: 200, body: 'nonsense' },
      { status: 200, body: { cursor: 1, signals: [bye('a')] } },
    ],
    1,
  );
  assert.equal(got, [bye('a')]);
  assert.is(lines.filter((line) => line.includes('is away')).length, 1);
  assert.is(lines.filter((line) => line.includes('is back')).length, 1);
});

test('a controller that was away is asked for a word at once, and hears all again when it gives one', async () => {
  const { backs, paths } = await follow(
    [
      { status: 200, body: { cursor: 7, signals: [bye('a')] } },
      { status: 200, cut: true },
      { status: 200, body: { cursor: 7, signals: [] } },
      { status: 200, body: { cursor: 8, signals: [bye('b')] } },
    ],
    2,
  );
  assert.equal(
    paths.slice(0, 4),
    [
      [0, 0],
      [7, 25],
      [7, 0],
      [7, 25],
    ].map(toPath),
  );
  assert.is(backs, 1);
});

test.run();
