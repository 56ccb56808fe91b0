import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestStatus } from '#contract/guest';
import { assert, suite } from '#test/suite';
import { Outbox } from '../../../src/agent/controller/outbox.ts';
import { createLog } from '../../../src/agent/log.ts';
import { FakeController, refusal } from '../../fakes/fake-controller.ts';

const test = suite('outbox');

async function start() {
  const controller = new FakeController();
  const endpoint = await controller.start();
  const stop = new AbortController();
  const status: GuestStatus = { services: [], marks: {}, peers: [] };
  const outbox = new Outbox({ endpoint, secret: 's', getStatus: () => status, signal: stop.signal, log: createLog(() => {}) });
  const end = async () => {
    stop.abort();
    await controller.stop();
  };
  return { controller, status, outbox, end };
}

test('changes in a bunch are told together', async () => {
  const { controller, status, outbox, end } = await start();
  for (const mark of ['x', 'agent', 'terminal']) {
    status.marks[mark] = 1;
    outbox.tellStatus();
  }
  for (let turn = 0; turn < 500 && controller.requests.length === 0; turn++) await sleep(10);
  await sleep(60);
  assert.equal(
    controller.requests.map(({ body }) => body),
    [{ services: [], marks: { x: 1, agent: 1, terminal: 1 }, peers: [] }],
  );
  await end();
});

test('a status that did not get through is sent again, as it is by then', async () => {
  const { controller, status, outbox, end } = await start();
  controller.answer = () => ({ status: controller.requests.length < 2 ? 503 : 204 });
  outbox.tellStatus();
  await sleep(60);
  status.marks['x'] = 5;
  outbox.tellStatus();
  await sleep(500);
  assert.equal((controller.requests.at(-1)!.body as GuestStatus).marks, { x: 5 });
  assert.is(controller.requests.length, 2);
  await end();
});

test('an answer is posted once more when the controller does not answer, and not when it refuses', async () => {
  const { controller, outbox, end } = await start();
  controller.answer = () => ({ status: controller.requests.length < 2 ? 503 : 204 });
  await outbox.post('/guest/answer', {});
  assert.is(controller.requests.length, 2);
  controller.answer = () => refusal(404, 'offer_gone');
  await outbox.post('/guest/answer', {});
  assert.is(controller.requests.length, 3);
  await end();
});

test.run();
