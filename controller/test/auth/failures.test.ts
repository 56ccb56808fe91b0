import { suite, assert } from '#test/suite';
import { AuthFailures } from '../../src/auth/failures.ts';
import { Refusal } from '../../src/refusal.ts';
import { ask } from '../fakes/ask.ts';
import { API_KEY, FakeController } from '../fakes/controller.ts';

const test = suite('failed authentications');
const unauthorized = new Refusal(401, 'unauthorized', 'no');

test('so many wrong tokens in a minute are told so, more are told to wait, those from elsewhere are not', () => {
  let now = 0;
  const failures = new AuthFailures(2, () => now);
  const codes = (address: string, times: number) =>
    Array.from({ length: times }, () => (failures.toRefusal(unauthorized, address) as Refusal).statusCode);
  assert.equal(codes('a', 4), [401, 401, 429, 429]);
  assert.equal(codes('b', 1), [401]);
  now = 50_000;
  assert.is((failures.toRefusal(unauthorized, 'a') as Refusal).retryAfterSeconds, 10);
  now = 60_000;
  assert.equal(codes('a', 3), [401, 401, 429]);
});

test('what is no wrong token is not counted', () => {
  const failures = new AuthFailures(1);
  const error = new Refusal(404, 'not_found', 'x');
  for (let count = 0; count < 3; count++) assert.is(failures.toRefusal(error, 'a'), error);
});

test('wrong tokens end in 429 with Retry-After; a right one from the same address is served all the while', async () => {
  await using fake = new FakeController({ ORIEL_AUTH_FAILURES_PER_MINUTE: '3' });
  const app = await fake.app();
  const statuses: number[] = [];
  for (let count = 0; count < 5; count++) {
    statuses.push((await ask(app, 'GET /api/host', { token: `wrong-${count}` })).status);
    assert.is((await ask(app, 'GET /api/host', { token: API_KEY })).status, 200);
  }
  assert.equal(statuses, [401, 401, 401, 429, 429]);
  const late = await ask(app, 'GET /api/sessions', { token: 'a.b.c' });
  assert.equal([late.status, late.body.error.code], [429, 'too_many_failures']);
  assert.ok(Number(late.headers['retry-after']) > 0);
});

test.run();
