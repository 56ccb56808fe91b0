import { assert, suite } from '#test/suite';
import { sayHello, TokenRefused } from '../../../src/agent/controller/hello.ts';
import type { Endpoint } from '../../../src/agent/controller/endpoint.ts';
import { createLog } from '../../../src/agent/log.ts';
import { FakeController, refusal } from '../../fakes/fake-controller.ts';

const test = suite('hello');
const controller = new FakeController();
let endpoint: Endpoint;
test.before(async () => void (endpoint = await controller.start()));
test.after(() => controller.stop());

const body = { protocol: 1, machineId: 'm-abcdefgh2345', vncSecret: 'V'.repeat(43) };
const lines: string[] = [];
const hello = (signal = AbortSignal.timeout(4000)) =>
  sayHello(
    endpoint,
    'T'.repeat(43),
    body,
    signal,
    createLog((line) => lines.push(line)),
  );

test('the token is swapped for the secret', async () => {
  controller.answer = () => ({ status: 200, body: { protocol: 1, secret: 'S'.repeat(43) } });
  assert.is(await hello(), 'S'.repeat(43));
  assert.equal(controller.requests.at(-1), { method: 'POST', path: '/guest/hello', authorization: `Bearer ${'T'.repeat(43)}`, body });
});

test('it is tried again while the controller is unwell, and no secret is logged', async () => {
  let calls = 0;
  controller.answer = () => (++calls < 4 ? { status: 503 } : { status: 200, body: { protocol: 1, secret: 'S'.repeat(43) } });
  assert.is(await hello(), 'S'.repeat(43));
  assert.is(calls, 4);
  assert.not.match(lines.join(''), /T{43}|S{43}|V{43}/);
});

test('a token that is refused is refused for ever', async () => {
  controller.answer = () => refusal(401, 'guest_token_used');
  const error = await hello().catch((reason: unknown) => reason);
  assert.instance(error, TokenRefused);
  assert.match((error as Error).message, 'guest_token_used');
});

test('it ends when the agent does', async () => {
  controller.answer = () => ({ status: 503 });
  const error = await hello(AbortSignal.timeout(100)).catch((reason: unknown) => reason);
  assert.is((error as Error).name, 'TimeoutError');
});

test.run();
