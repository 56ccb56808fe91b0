import { assert, suite } from '#test/suite';
import { ask } from '../fakes/ask.ts';
import { API_KEY, FakeController } from '../fakes/controller.ts';

const test = suite('public routes');

test('what asks nobody who he is tells of no user, session, machine or viewer', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady('ann-of-the-test');
  const { peerId } = await fake.viewers.issue(id, 'view', 'key:test');
  const { body } = await ask(app, `GET /api/auth/session/${id}`, { token: API_KEY });
  const words = [id, 'ann-of-the-test', fake.sessions.live(id).machineId, peerId];
  assert.ok(
    words.slice(0, 3).every((word) => JSON.stringify(body).includes(word)),
    'a key is told of all of them',
  );
  for (const path of ['/health', '/ready', '/metrics', '/api/openapi.json']) {
    const { statusCode, body: text } = await app.inject({ url: path });
    assert.is(statusCode, 200, path);
    for (const word of words) assert.not.ok(text.includes(word), `${path} tells of ${word}`);
  }
});

test.run();
