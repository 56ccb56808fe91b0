import { setTimeout as sleep } from 'node:timers/promises';
import { suite, assert } from '#test/suite';
import { ask } from '../fakes/ask.ts';
import { API_KEY as token, FakeController } from '../fakes/controller.ts';

const test = suite('viewers');
const SDP = ['v=0', 's=-', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=ice-ufrag:abcd', ''].join('\r\n');
const MAY = { role: 'control', clipboard: 'both', control: 'shared' } as const;
const OFFER = { offer: { type: 'offer', sdp: SDP }, page: 'one' };

async function issue(fake: FakeController, role: 'view' | 'control') {
  const app = await fake.app();
  const id = await fake.startReady();
  const { status, body } = await ask(app, `POST /api/auth/session/${id}/viewers`, { token, body: { role } });
  assert.is(status, 200, JSON.stringify(body));
  return { app, id, viewer: body as { url: string; token: string; peerId: string; expiresAt: string } };
}

test('a viewer is issued for a role, with a link that works and a token that lives as long as is configured', async () => {
  await using fake = new FakeController({ ORIEL_VIEWER_TOKEN_SECONDS: '60' });
  const { app, id, viewer } = await issue(fake, 'view');
  assert.is(viewer.url, `http://oriel.test/desktop?session=${id}#token=${viewer.token}`);
  assert.ok(Math.abs(Date.parse(viewer.expiresAt) - Date.now() - 60_000) < 5000, viewer.expiresAt);
  assert.is((await ask(app, `GET /api/auth/session/${id}`, { token: viewer.token })).status, 200);
  assert.is((await ask(app, `DELETE /api/auth/session/${id}`, { token: viewer.token })).status, 403);
  const { viewers } = (await ask(app, `GET /api/auth/session/${id}/viewers`, { token })).body;
  assert.equal([viewers.length, viewers[0].peerId, viewers[0].role, viewers[0].createdBy], [1, viewer.peerId, 'view', 'key:start-up']);
  assert.not.match(JSON.stringify(viewers), viewer.token);
});

test('a wrong role is refused, and a session that is over gets no more viewers', async () => {
  await using fake = new FakeController();
  const { app, id } = await issue(fake, 'view');
  const post = (body: object) => ask(app, `POST /api/auth/session/${id}/viewers`, { token, body });
  assert.is((await post({ role: 'root' })).status, 400);
  assert.is((await post({})).status, 400);
  await ask(app, `DELETE /api/auth/session/${id}`, { token });
  assert.equal([(await post({ role: 'view' })).status, fake.store.viewers.list(id).length], [410, 1]);
});

test('a viewer renews its own token, with the role that it has; after the session’s end, or with a key, there is none', async () => {
  await using fake = new FakeController();
  const { app, id, viewer } = await issue(fake, 'view');
  const renew = (by: string) => ask(app, `POST /api/auth/session/${id}/viewers/renew`, { token: by });
  const { status, body } = await renew(viewer.token);
  assert.equal([status, body.role], [200, 'view']);
  assert.ok(body.expiresInMs > 800_000 && body.expiresInMs <= 900_000, body.expiresInMs);
  assert.equal(await fake.viewerTokens.verify(body.token), { sessionId: id, peerId: viewer.peerId, role: 'view' });
  assert.equal([(await renew(token)).status, (await renew(token)).body.error.code], [403, 'viewer_needed']);
  await ask(app, `DELETE /api/auth/session/${id}`, { token });
  assert.is((await renew(body.token)).status, 410);
});

test('a revoked viewer is told so at once in all that it waits for; its tokens are void, the guest is told, others go on', async () => {
  await using fake = new FakeController();
  const { app, id, viewer } = await issue(fake, 'control');
  const other = await fake.viewerToken(id, 'control', 'p-other');
  const { mailbox } = fake.sessions.live(id);
  for (const who of [viewer.token, other])
    assert.is((await ask(app, `POST /api/webrtc/session/${id}/offer`, { token: who, body: OFFER })).status, 200);
  const { cursor } = mailbox.signals(0);
  const { updatedAt } = fake.sessions.read(id);
  const path = `/api/auth/session/${id}?wait=20&since=${encodeURIComponent(updatedAt)}`;
  const waiting = [path, `/api/auth/session/${id}/events`, `/api/webrtc/session/${id}/answer?wait=20`].map((one) =>
    ask(app, `GET ${one}`, { token: viewer.token }),
  );
  const otherWaits = ask(app, `GET ${path}`, { token: other });
  await sleep(20);
  const started = performance.now();
  assert.is((await ask(app, `DELETE /api/auth/session/${id}/viewers/${viewer.peerId}`, { token })).status, 204);
  await Promise.all(waiting);
  assert.ok(performance.now() - started < 5000);
  for (const line of [`GET ${path}`, `POST /api/auth/session/${id}/viewers/renew`, `POST /api/webrtc/session/${id}/offer`]) {
    const { status, body } = await ask(app, line, { token: viewer.token, body: line.endsWith('offer') ? OFFER : undefined });
    assert.equal([status, body.error.code], [401, 'viewer_revoked'], line);
  }
  assert.equal(mailbox.signals(cursor).signals, [{ kind: 'revoked', viewer: viewer.peerId }]);
  fake.sessions.report(fake.sessions.live(id).machine, { services: [], marks: { terminal: 5 }, peers: [] });
  assert.equal((await otherWaits).body.marks, { terminal: 5 });
});

test('an offer that was let in before its viewer was revoked does not reach the guest after', async () => {
  await using fake = new FakeController();
  const { id, viewer } = await issue(fake, 'control');
  const { mailbox } = fake.sessions.live(id);
  const offer = { offer: { type: 'offer' as const, sdp: SDP } };
  mailbox.postOffer('p-other', offer, MAY);
  fake.viewers.revoke(id, viewer.peerId);
  assert.throws(() => mailbox.postOffer(viewer.peerId, offer, MAY), /taken back/);
  assert.equal(
    mailbox.signals(0).signals.map(({ kind }) => kind),
    ['offer'],
  );
});

test('a revocation outlives the controller, and the guest is told of it again', async () => {
  await using fake = new FakeController();
  const { id, viewer } = await issue(fake, 'control');
  fake.viewers.revoke(id, viewer.peerId);
  await using next = await fake.crash();
  const { mailbox } = await (async () => {
    await next.sessions.resume();
    return next.sessions.live(id);
  })();
  const { cursor } = mailbox.signals(0);
  next.viewers.remind(id);
  assert.equal(mailbox.signals(cursor || 1).signals, [{ kind: 'revoked', viewer: viewer.peerId }]);
  const app = await next.app();
  const { status, body } = await ask(app, `GET /api/auth/session/${id}`, { token: viewer.token });
  assert.equal([status, body.error.code], [401, 'viewer_revoked']);
});

test('who was never a viewer cannot be revoked, who was is revoked as often as one likes', async () => {
  await using fake = new FakeController();
  const { app, id, viewer } = await issue(fake, 'view');
  const revoke = (peer: string) => ask(app, `DELETE /api/auth/session/${id}/viewers/${peer}`, { token });
  assert.equal([(await revoke('p-nobody')).status, (await revoke('p-nobody')).body.error.code], [404, 'viewer_not_found']);
  assert.equal([(await revoke(viewer.peerId)).status, (await revoke(viewer.peerId)).status], [204, 204]);
  assert.equal(
    fake.store.audit.list(id).map(({ action }) => action),
    ['viewer issued', 'viewer revoked', 'viewer revoked'],
  );
});

test('a session has as many viewers as it may, and one more when one was revoked; whose time is over does not count', async () => {
  await using fake = new FakeController();
  const { app, id, viewer } = await issue(fake, 'view');
  for (let count = 0; count < 5; count++) await fake.viewers.issue(id, 'view', 'test', -1000);
  for (let count = 1; count < 256; count++) await fake.viewers.issue(id, 'view', 'test');
  const more = () => ask(app, `POST /api/auth/session/${id}/viewers`, { token, body: { role: 'view' } });
  const refused = await more();
  assert.equal([refused.status, refused.body.error.code, refused.headers['retry-after']], [429, 'too_many_viewers', '60']);
  fake.viewers.revoke(id, viewer.peerId);
  assert.is((await more()).status, 200);
});

test.run();
