import { SignJWT } from 'jose';
import { suite, assert } from '#test/suite';
import { createViewerTokens } from '../../src/auth/viewer-tokens.ts';

const test = suite('viewer tokens');

const KEY = new Uint8Array(32).fill(7);
const claims = { sessionId: 's-x', peerId: 'p-x', role: 'control' } as const;

test('a token says again what it was signed with', async () => {
  const tokens = createViewerTokens(KEY, 60_000);
  assert.equal(await tokens.verify(await tokens.sign(claims)), claims);
});

test('a token that expired, was changed or is another’s is none', async () => {
  const tokens = createViewerTokens(KEY, 60_000);
  const good = await tokens.sign(claims);
  const [head, body, mark] = good.split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  for (const [what, token] of [
    ['expired', await createViewerTokens(KEY, -1000).sign(claims)],
    ['another key', await createViewerTokens(new Uint8Array(32), 60_000).sign(claims)],
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

test.run();
