import { assert, suite } from '#test/suite';
import { OrielError, type ViewerClient } from '../../client/index.ts';
import { renewToken } from '../src/token-renewal.ts';

const test = suite('token renewal');

/** The page's clock stands still: what it waits for is written down and comes at once. */
async function renew(replies: (OrielError | { token: string; expiresInMs: number })[]) {
  const [waits, tokens] = [[] as number[], [] as string[]];
  const end = new AbortController();
  const real = globalThis.setTimeout;
  globalThis.setTimeout = ((act: () => void, ms: number) => (waits.push(ms), real(act, 0))) as typeof setTimeout;
  const renewViewer = async () => {
    const reply = replies.shift();
    if (!reply) throw (end.abort(), new OrielError(0, 'unreachable', 'over'));
    if (reply instanceof OrielError) throw reply;
    return reply;
  };
  try {
    await renewToken({ renewViewer } as unknown as ViewerClient, 's', (token) => tokens.push(token), end.signal);
  } finally {
    globalThis.setTimeout = real;
  }
  return { waits, tokens };
}

test('a token is renewed soon after the page’s start, and then when a third of its time is over', async () => {
  const { waits, tokens } = await renew([
    { token: 'b', expiresInMs: 900_000 },
    { token: 'c', expiresInMs: 60_000 },
  ]);
  assert.equal(tokens, ['b', 'c']);
  assert.equal(waits.slice(0, 3), [2_000, 300_000, 20_000]);
});

test('while the controller is away it is asked again, and its word counts then', async () => {
  const { waits, tokens } = await renew([
    new OrielError(0, 'unreachable', 'away'),
    new OrielError(503, 'internal', 'x'),
    { token: 'b', expiresInMs: 9e5 },
  ]);
  assert.equal([tokens, waits.slice(0, 4)], [['b'], [2_000, 5_000, 5_000, 300_000]]);
});

for (const [status, code] of [
  [401, 'viewer_revoked'],
  [403, 'viewer_needed'],
  [410, 'session_over'],
] as const) {
  test(`after ${code} there is nothing to renew`, async () => {
    const { tokens } = await renew([new OrielError(status, code, code), { token: 'never', expiresInMs: 1000 }]);
    assert.equal(tokens, []);
  });
}

test.run();
