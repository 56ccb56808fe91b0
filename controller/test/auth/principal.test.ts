import { suite, assert } from '#test/suite';
import type { Access, Scope } from '../../src/auth/access.ts';
import { authorize, identify, toBearer, toOwner, toRole, toViewerId, toWho, type Principal } from '../../src/auth/principal.ts';
import type { Refusal } from '../../src/refusal.ts';
import { FakeController, API_KEY } from '../fakes/controller.ts';

const test = suite('principal');

const MINE = `s-${'a'.repeat(20)}`;
const OTHER = `s-${'b'.repeat(20)}`;
const NONE = `s-${'c'.repeat(20)}`;
const OWNERS: Record<string, string> = { [MINE]: 'me', [OTHER]: 'other' };

const key = (...scopes: Scope[]): Principal => ({ kind: 'key', id: 'k-1', name: 'mine', owner: 'me', scopes: new Set(scopes) });
const viewer = (role: 'control' | 'view'): Principal => ({ kind: 'viewer', sessionId: MINE, peerId: 'p-1', role });
const READ: Access = { scope: 'read', viewer: 'view' };
const TOUCH: Access = { scope: 'control', viewer: 'control' };

function statusOf(principal: Principal, access: Access, sessionId: string | undefined): number {
  try {
    authorize(principal, access, sessionId, (id) => OWNERS[id]);
    return 200;
  } catch (error) {
    return (error as Refusal).statusCode;
  }
}

for (const [who, principal, access, sessionId, status] of [
  ['a key on a session of its owner', key('read'), READ, MINE, 200],
  ['a key on another owner’s session', key('read'), READ, OTHER, 404],
  ['a key on a session that does not exist', key('read'), READ, NONE, 404],
  ['a key without the scope', key('start', 'control'), READ, MINE, 403],
  ['a key without the scope, on another owner’s session', key('start'), READ, OTHER, 403],
  ['a key on what is no session', key('read'), READ, 'nonsense', 200],
  ['an operator on any session', key('operate'), TOUCH, OTHER, 200],
  ['an operator on a session that does not exist', key('operate'), READ, NONE, 404],
  ['an operator on credentials', key('operate'), { scope: 'credentials' }, MINE, 403],
  ['an operator who may read credentials, on another owner’s', key('operate', 'credentials'), { scope: 'credentials' }, OTHER, 404],
  ['an operator starting sessions', key('operate'), { scope: 'start' }, undefined, 403],
  ['a key that may read, on the host', key('read'), { scope: 'operate' }, undefined, 403],
  ['a key where viewers alone may', key('control'), { viewer: 'view' }, MINE, 403],
  ['a viewer on its session', viewer('control'), TOUCH, MINE, 200],
  ['a viewer on another session', viewer('control'), TOUCH, OTHER, 404],
  ['a viewer that looks, looking', viewer('view'), READ, MINE, 200],
  ['a viewer that looks, touching', viewer('view'), TOUCH, MINE, 403],
  ['a viewer that looks, on another session', viewer('view'), TOUCH, OTHER, 404],
  ['a viewer on a route for keys', viewer('control'), { scope: 'read' }, undefined, 403],
  ['a viewer on a route of no session', viewer('view'), READ, undefined, 200],
] as const) {
  test(`${who}: ${status}`, () => assert.is(statusOf(principal, access, sessionId), status));
}

test('a token is found out as key or viewer; none and a wrong one are 401', async () => {
  await using fake = new FakeController();
  const found = await identify(API_KEY, fake);
  assert.equal([found.kind, toWho(found)], ['key', 'key:start-up']);
  assert.is((await identify(await fake.viewerToken(MINE), fake)).kind, 'viewer');
  for (const token of [undefined, '', 'x'.repeat(43), 'a.b.c', `oriel_key_${'x'.repeat(43)}`]) {
    assert.is(((await identify(token, fake).catch((error: unknown) => error)) as Refusal).statusCode, 401);
  }
});

test('names for logs and signals hold no secret', () => {
  assert.equal([toWho(key()), toViewerId(key()), toRole(key())], ['key:mine', 'api', 'control']);
  assert.equal([toWho(viewer('view')), toViewerId(viewer('view')), toRole(viewer('view'))], ['viewer:p-1', 'p-1', 'view']);
});

test('a key is shown its owner’s sessions, an operator everybody’s', () => {
  assert.equal([toOwner(key('read')), toOwner(key('operate'))], ['me', undefined]);
});

test('only a bearer header has a token', () => {
  assert.is(toBearer('Bearer abc'), 'abc');
  for (const header of [undefined, '', 'Basic abc', 'Bearer', 'Bearer a b']) assert.is(toBearer(header), undefined);
});

test.run();
