import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Provider } from '#contract/provider';
import { assert, suite } from '#test/suite';
import { findProblems } from '../../controller/src/credentials/providers.ts';
import { providers } from '../providers/index.ts';
import { createJudge } from '../src/auth/judge.ts';

const test = suite('providers');
const TOKEN = 'a'.repeat(40);

/** What each tool writes when it has signed in, with fields that are its own business; and what it lacks in the wrong one. */
const WRITTEN: Record<string, { good: object; without: string }> = {
  claude_code: {
    good: {
      claudeAiOauth: {
        accessToken: TOKEN,
        refreshToken: TOKEN,
        expiresAt: 1_790_000_000_000,
        scopes: ['user:inference'],
        subscriptionType: 'max',
      },
    },
    without: 'refreshToken',
  },
  codex: {
    good: {
      OPENAI_API_KEY: null,
      tokens: { id_token: TOKEN, access_token: TOKEN, refresh_token: TOKEN, account_id: 'a' },
      last_refresh: 'x',
    },
    without: 'refresh_token',
  },
  gemini_cli: {
    good: { access_token: TOKEN, refresh_token: TOKEN, scope: 's', token_type: 'Bearer', id_token: TOKEN, expiry_date: 1_790_000_000_000 },
    without: 'refresh_token',
  },
};

test('each is what the contract says, and no two have one id', () => {
  const validate = new Ajv({ allErrors: true }).compile(Provider);
  for (const provider of providers) {
    assert.ok(validate(provider), `${provider.id}: ${JSON.stringify(validate.errors)}`);
    assert.equal(findProblems(provider), [], provider.id);
  }
  assert.is(new Set(providers.map(({ id }) => id)).size, providers.length);
});

test('each that signs in has an example here, and the desktop needs nothing', () => {
  const signingIn = providers.filter(({ login }) => login).map(({ id }) => id);
  assert.equal(signingIn.sort(), Object.keys(WRITTEN).sort());
  assert.equal(providers.find(({ id }) => id === 'desktop')?.hosts, []);
});

for (const [id, { good, without }] of Object.entries(WRITTEN)) {
  test(`${id}: what its tool writes is signed in, and is not without ${without}`, () => {
    const provider = providers.find((one) => one.id === id)!;
    const judge = createJudge(provider, []);
    const verdict = (value: object) => judge(new Map([[provider.credentials[0]!.path, { content: JSON.stringify(value) }]]));
    assert.is(verdict(good).kind, 'signed_in');
    const bad = verdict(JSON.parse(JSON.stringify(good, (name, value: unknown) => (name === without ? undefined : value))) as object);
    assert.is(bad.kind, 'malformed');
    assert.match(JSON.stringify(bad), without);
    assert.not.match(JSON.stringify(bad), TOKEN);
  });
}

test('none of the tools is a package of Oriel itself: their licences are their makers’', () => {
  const lock = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');
  for (const { package: name } of providers)
    if (name) assert.not.ok(lock.includes(`node_modules/${name}"`) || existsSync(`node_modules/${name}`), name);
});

test.run();
