import { SignJWT } from 'jose';
import { suite, assert } from '#test/suite';
import { createViewerTokens } from '../../src/auth/viewer-tokens.ts';

const test = suite('viewer tokens');

const KEY = new Uint8Array(32).fill(7);
const claims = { sessionId: 's-x', peerId: 'p-x', role: 'control' } as const;

test('a token says again what it was signed with', async () => {
  const tokens = createViewerTokens(KEY, 60_000);
  const { token, expiresAt } = await tokens.sign(claims);
  assert.equal([await tokens.verify(token), await tokens.verify(token)], [claims, claims]);
  assert.ok(Math.abs(expiresAt - Date.now() - 60_000) < 5000);
  const short = await tokens.sign(claims, 1000);
  assert.ok(short.expiresAt < expiresAt);
});

test('a token that expired, was changed or is another’s is none', async () => {
  const tokens = createViewerTokens(KEY, 60_000);
  const { token: good } = await tokens.sign(claims);
  const [head, body, mark] = good.split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  for (const [what, token] of [
    ['expired', (await createViewerTokens(KEY, -1000).sign(claims)).token],
    ['another key', (await createViewerTokens(new Uint8Array(32), 60_000).sign(claims)).token],
    [
      'changed',
      `${head}.${Buffer.from(JSON.stringify({ sub: 's-y', peer: 'p', role: 'control', iss: 'oriel', exp: 9e9 })).toString('base64url')}.${mark}`,
    ],
    ['alg none', `${none}.${body}.`],
    [
      'no expiry',
      await new SignJWT({ peer: 'p', role: 'view' }).setProtectedHeader({ alg: 'HS256' }).setIssuer('oriel').setSubject('s-x').sign(KEY),
    ],
    [
      'unknown role',
      await new SignJWT({ peer: 'p', role: 'root' })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer('oriel')
        .setSubject('s-x')
        .setExpirationTime('1h')
        .sign(KEY),
    ],
    ['nonsense', 'nonsense'],
    ['empty', ''],
  ] as const) {
    assert.is(await tokens.verify(token), undefined, what);
  }
});

test('a token that was good is none when its time is over, whether it was seen before or not', async () => {
  let now = 1_800_000_000_000;
  const tokens = createViewerTokens(KEY, 60_000, () => now);
  const [seen, unseen] = await Promise.all(['p-1', 'p-2'].map((peerId) => tokens.sign({ ...claims, peerId })));
  now += 59_000;
  assert.is((await tokens.verify(seen!.token))?.peerId, 'p-1');
  now += 1_000;
  assert.equal([await tokens.verify(seen!.token), await tokens.verify(unseen!.token)], [undefined, undefined]);
});

test('a clock that is set forward by hours takes nobody’s token', async () => {
  const tokens = createViewerTokens(KEY, 60_000);
  const [seen, unseen] = await Promise.all(['p-1', 'p-2'].map((peerId) => tokens.sign({ ...claims, peerId })));
  await tokens.verify(seen!.token);
  const real = Date.now;
  Date.now = () => real() + 7_200_000;
  try {
    assert.equal([(await tokens.verify(seen!.token))?.peerId, (await tokens.verify(unseen!.token))?.peerId], ['p-1', 'p-2']);
  } finally {
    Date.now = real;
  }
});

test.run();
