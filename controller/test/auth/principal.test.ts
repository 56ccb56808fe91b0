import { suite, assert } from '#test/suite';
import { authorize, identify, toBearer, toViewerId, toWho, type Access, type Principal } from '../../src/auth/principal.ts';
import type { Refusal } from '../../src/refusal.ts';
import { FakeController, API_KEY } from '../fakes/controller.ts';

const test = suite('principal');

const key: Principal = { kind: 'key', name: 'start-up' };
const viewer = (role: 'control' | 'view'): Principal => ({ kind: 'viewer', sessionId: 's-mine', peerId: 'p-1', role });

function statusOf(principal: Principal, access: Access, sessionId: string | undefined): number {
  try {
    authorize(principal, access, sessionId);
    return 200;
  } catch (error) {
    return (error as Refusal).statusCode;
  }
}

for (const [who, principal, access, sessionId, status] of [
  ['an API key on every session', key, 'control', 's-other', 200],
  ['an API key on its own routes', key, 'key', undefined, 200],
  ['a viewer on its session', viewer('control'), 'control', 's-mine', 200],
  ['a viewer on another session', viewer('control'), 'control', 's-other', 404],
  ['a viewer that looks, looking', viewer('view'), 'view', 's-mine', 200],
  ['a viewer that looks, touching', viewer('view'), 'control', 's-mine', 403],
  ['a viewer that looks, on another session', viewer('view'), 'control', 's-other', 404],
  ['a viewer on a route for keys', viewer('control'), 'key', undefined, 403],
  ['a viewer where any token will do', viewer('view'), 'any', undefined, 200],
] as const) {
  test(`${who}: ${status}`, () => assert.is(statusOf(principal, access, sessionId), status));
}

test('a token is found out as key or viewer; none and a wrong one are 401', async () => {
  await using fake = new FakeController();
  assert.equal(await identify(API_KEY, fake), { kind: 'key', name: 'start-up' });
  assert.is((await identify(await fake.viewerToken('s-x'), fake)).kind, 'viewer');
  for (const token of [undefined, '', 'x'.repeat(43)]) {
    assert.is(((await identify(token, fake).catch((error: unknown) => error)) as Refusal).statusCode, 401);
  }
});

test('names for logs and signals hold no secret', () => {
  assert.equal([toWho(key), toViewerId(key)], ['key:start-up', 'api']);
  assert.equal([toWho(viewer('view')), toViewerId(viewer('view'))], ['viewer:p-1', 'p-1']);
});

test('only a bearer header has a token', () => {
  assert.is(toBearer('Bearer abc'), 'abc');
  for (const header of [undefined, '', 'Basic abc', 'Bearer', 'Bearer a b']) assert.is(toBearer(header), undefined);
});

test.run();
