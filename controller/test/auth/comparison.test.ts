import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { assert, suite } from '#test/suite';
import { toRefusal } from '../../../guest/src/websockify/access.ts';
import { createApiKeys } from '../../src/auth/api-keys.ts';
import { toHash } from '../../src/auth/hash.ts';
import { createViewerTokens } from '../../src/auth/viewer-tokens.ts';
import { GuestLink } from '../../src/sessions/guest-link.ts';

const test = suite('comparisons');

/*
 * How long a comparison takes must not tell how much of a guess was right. A clock would not show that on a busy machine: here it is
 * shown that what takes the same time is asked, and says no.
 */
const SECRET = 's'.repeat(43);
const ALMOST = `${'s'.repeat(42)}t`;
const asked: string[] = [];
const { timingSafeEqual } = crypto;
const subtle = Object.getPrototypeOf(crypto.webcrypto.subtle) as SubtleCrypto;
const { verify } = subtle;

test.before(() => {
  crypto.timingSafeEqual = (a, b) => (asked.push('timingSafeEqual'), timingSafeEqual(a, b));
  subtle.verify = function (...args) {
    asked.push('verify');
    return Reflect.apply(verify, this, args) as Promise<boolean>;
  };
  syncBuiltinESMExports();
});

test.after(() => {
  crypto.timingSafeEqual = timingSafeEqual;
  subtle.verify = verify;
  syncBuiltinESMExports();
});

test.beforeEach(() => void (asked.length = 0));

const throws = (act: () => unknown): boolean => {
  try {
    act();
    return false;
  } catch {
    return true;
  }
};

const keys = createApiKeys({ find: () => undefined, isGood: () => false, used: () => undefined }, SECRET);
const body = { protocol: 1, machineId: 'm-abcdefghijk2', vncSecret: SECRET };
const hello = (token: string) => throws(() => new GuestLink({ tokenHash: toHash(SECRET) }).hello(token, body.machineId, body));
const check = (secret: string) => throws(() => new GuestLink({ secretHash: toHash(SECRET) }).check(secret));
const websockify = (secret: string) =>
  toRefusal({ url: '/websockify', headers: { authorization: `Bearer ${secret}` } }, SECRET) !== undefined;

for (const [what, isRefused] of [
  ['an API key', (key: string) => keys.verify(key) === undefined],
  ['a guest’s token', hello],
  ['an agent’s secret', check],
  ['websockify’s secret', websockify],
] as const)
  test(`${what} is compared in a time that tells nothing`, () => {
    assert.equal([isRefused(SECRET), isRefused(ALMOST)], [false, true]);
    assert.equal(asked, ['timingSafeEqual', 'timingSafeEqual']);
  });

test('so is the signature of a viewer’s token', async () => {
  const tokens = createViewerTokens(new Uint8Array(32), 60_000);
  const { token } = await tokens.sign({ sessionId: 's-x', peerId: 'p', role: 'view' });
  const [head, claims, signature] = token.split('.') as [string, string, string];
  const forged = `${head}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  assert.ok(await tokens.verify(token));
  assert.is(await tokens.verify(forged), undefined);
  assert.equal(asked, ['verify', 'verify']);
});

test.run();
