import { assert, suite } from '#test/suite';
import { toWatermark } from '../../src/sessions/watermark.ts';
import { ask } from '../fakes/ask.ts';
import { FakeController } from '../fakes/controller.ts';

const test = suite('watermark');

const session = { userId: 'ann@example.org', sessionId: 's-aaaaaaaaaaaaaaaaaaaa' };

test('user and session are filled in, as often as they are there; nothing else is', () => {
  assert.is(toWatermark('{user} {session} {user} {time}', session), 'ann@example.org s-aaaaaaaaaaaaaaaaaaaa ann@example.org {time}');
  assert.is(toWatermark('internal', session), 'internal');
  assert.is(toWatermark('{user}', { ...session, userId: '{session}$&' }), '{session}$&', 'a name is no template');
});

test('a viewer is told of it with the session; where there is none nothing is said', async () => {
  for (const [env, wanted] of [
    [{ ORIEL_WATERMARK: '{session}!' }, (id: string) => `${id}!`],
    [{}, () => undefined],
  ] as const) {
    await using fake = new FakeController(env);
    const app = await fake.app();
    const id = await fake.startReady();
    const { body } = await ask(app, `GET /api/auth/session/${id}`, { token: await fake.viewerToken(id, 'view') });
    assert.is((body as { watermark?: string }).watermark, wanted(id));
  }
});

test.run();
