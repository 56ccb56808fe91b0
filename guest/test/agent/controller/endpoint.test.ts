import { assert, suite } from '#test/suite';
import { EndpointRefused, type Endpoint } from '../../../src/agent/controller/endpoint.ts';
import { FakeController, refusal } from '../../fakes/fake-controller.ts';

const test = suite('guest endpoint');
const controller = new FakeController();
let endpoint: Endpoint;
test.before(async () => void (endpoint = await controller.start()));
test.after(() => controller.stop());

const call = (options = {}) => endpoint.call({ method: 'POST', path: '/guest/status', bearer: 'secret', body: { a: 1 }, ...options });

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  );
}

test('a call carries its secret and its body, and gives the reply', async () => {
  controller.answer = () => ({ status: 200, body: { cursor: 1 } });
  assert.equal(await call(), { cursor: 1 });
  assert.equal(controller.requests.at(-1), { method: 'POST', path: '/guest/status', authorization: 'Bearer secret', body: { a: 1 } });
});

test('204 gives nothing', async () => {
  controller.answer = () => ({ status: 204 });
  assert.is(await call(), undefined);
});

test('a 4xx is a refusal with its code', async () => {
  controller.answer = () => refusal(401, 'guest_token_used');
  const error = await failure(call());
  assert.instance(error, EndpointRefused);
  assert.is((error as EndpointRefused).code, 'guest_token_used');
});

test('a 5xx and a cut connection are no refusals', async () => {
  for (const reply of [{ status: 503 }, { status: 200, cut: true }]) {
    controller.answer = () => reply;
    assert.not.instance(await failure(call()), EndpointRefused);
  }
});

test('a call that takes too long is over', async () => {
  controller.answer = () => new Promise(() => {});
  assert.is((await failure(call({ timeoutMs: 30 }))).name, 'AbortError');
});

test.run();
