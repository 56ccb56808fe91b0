import { assert, suite } from '#test/suite';
import { ask } from '../fakes/ask.ts';
import { API_KEY, eventually, FakeController } from '../fakes/controller.ts';

const test = suite('screenshot route');

const PNG = Buffer.from('\x89PNG\r\n\x1a\nand so on', 'latin1');

async function setUp(fake: FakeController) {
  const app = await fake.app();
  const id = await fake.startReady();
  const { machine } = fake.sessions.live(id);
  const take = (query = '', token = API_KEY) => ask(app, `GET /api/auth/session/${id}/screenshot${query}`, { token });
  /** Does as a guest does with the next wish. */
  const answer = async (png = PNG) => {
    const wish = () => machine.mailbox.signals(0).signals.find((signal) => signal.kind === 'screenshot');
    await eventually(() => wish() !== undefined);
    machine.screenshots.keep(wish()!.id, png);
    return wish();
  };
  return { app, id, take, answer };
}

test('whoever may see the desktop gets its picture', async () => {
  await using fake = new FakeController();
  const { id, take, answer } = await setUp(fake);
  for (const token of [API_KEY, await fake.viewerToken(id, 'view')]) {
    const [reply] = await Promise.all([take('', token), answer()]);
    assert.equal([reply.status, reply.headers['content-type'], reply.headers['cache-control']], [200, 'image/png', 'no-store']);
  }
  const other = await fake.startReady('bob');
  assert.is((await take('', await fake.viewerToken(other, 'control'))).status, 404);
  assert.is((await take('', 'nobody')).status, 401);
});

test('a part of it has all of x, y, width and height', async () => {
  await using fake = new FakeController();
  const { take, answer } = await setUp(fake);
  const [, wish] = await Promise.all([take('?x=0&y=10&width=100&height=50'), answer()]);
  assert.equal((wish as { region?: unknown }).region, { x: 0, y: 10, width: 100, height: 50 });
  const { status, body } = await take('?x=0&width=5');
  assert.equal([status, body.error.message], [400, 'a part of the desktop has x, y, width and height: y, height missing']);
  for (const query of ['?x=-1&y=0&width=1&height=1', '?x=0&y=0&width=0&height=1', '?x=0&y=0&width=1.5&height=1', '?scale=2'])
    assert.is((await take(query)).body.error.code, 'invalid_request', query);
});

test('one that waits while the session ends is told so', async () => {
  await using fake = new FakeController();
  const { id, take } = await setUp(fake);
  const waiting = take();
  await eventually(() => fake.sessions.live(id).mailbox.signals(0).signals.length > 0);
  await fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  assert.is((await waiting).body.error.code, 'session_over');
});

test('a host that takes none refuses', async () => {
  await using fake = new FakeController({ ORIEL_SCREENSHOTS: '0' });
  const { take } = await setUp(fake);
  const { status, body } = await take();
  assert.equal([status, body.error.code], [403, 'screenshots_off']);
});

test('one session is asked for ten a second at most, whoever asks', async () => {
  await using fake = new FakeController({ ORIEL_SCREENSHOTS: '0' });
  const { id, take } = await setUp(fake);
  const token = await fake.viewerToken(id, 'view');
  const replies = await Promise.all(Array.from({ length: 12 }, (_, i) => take('', i % 2 ? token : API_KEY)));
  assert.is(replies.filter(({ status }) => status === 429).length, 2);
});

test.run();
