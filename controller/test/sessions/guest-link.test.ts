import { suite, assert } from '#test/suite';
import { PROTOCOL_VERSION } from '#contract/protocol';
import { toHash } from '../../src/auth/hash.ts';
import type { Refusal } from '../../src/refusal.ts';
import { GuestLink } from '../../src/sessions/guest-link.ts';

const test = suite('guest link');

const TOKEN = 't'.repeat(43);
const MACHINE = 'm-aaaaaaaaaaaa';
const body = { protocol: PROTOCOL_VERSION, machineId: MACHINE, vncSecret: 'v'.repeat(43) };
const codeOf = (act: () => unknown) => {
  try {
    return void act();
  } catch (error) {
    return (error as Refusal).code;
  }
};

test('the token is swapped for a secret once', () => {
  const link = new GuestLink({ tokenHash: toHash(TOKEN) });
  const { secret } = link.hello(TOKEN, MACHINE, body);
  assert.is(link.vncSecret, body.vncSecret);
  link.check(secret);
  assert.is(
    codeOf(() => link.hello(TOKEN, MACHINE, body)),
    'guest_token_used',
  );
});

test('a wrong token, another machine or an unknown protocol do not use the token up', () => {
  const link = new GuestLink({ tokenHash: toHash(TOKEN) });
  assert.is(
    codeOf(() => link.hello('x', MACHINE, body)),
    'unauthorized',
  );
  assert.is(
    codeOf(() => link.hello(TOKEN, 'm-bbbbbbbbbbbb', body)),
    'unauthorized',
  );
  assert.is(
    codeOf(() => link.hello(TOKEN, MACHINE, { ...body, protocol: PROTOCOL_VERSION + 1 })),
    'protocol_unsupported',
  );
  assert.is(
    codeOf(() => link.hello(TOKEN, MACHINE, body)),
    undefined,
  );
});

test('neither the token nor nothing is the agent’s secret', () => {
  const link = new GuestLink({ tokenHash: toHash(TOKEN) });
  assert.is(
    codeOf(() => link.check('')),
    'unauthorized',
  );
  link.hello(TOKEN, MACHINE, body);
  assert.is(
    codeOf(() => link.check(TOKEN)),
    'unauthorized',
  );
  assert.is(
    codeOf(() => link.check('')),
    'unauthorized',
  );
});

test('a reply to hello that was lost can be had again, until its secret is used', () => {
  const link = new GuestLink({ tokenHash: toHash(TOKEN) });
  const { secret: lost } = link.hello(TOKEN, MACHINE, body);
  const { secret } = link.hello(TOKEN, MACHINE, body);
  assert.is(
    codeOf(() => link.check(lost)),
    'unauthorized',
  );
  link.check(secret);
  assert.is(
    codeOf(() => link.hello(TOKEN, MACHINE, body)),
    'guest_token_used',
  );
});

test('what cannot be written down does not count', () => {
  const full = () => {
    throw new Error('database or disk is full');
  };
  const link = new GuestLink({ tokenHash: toHash(TOKEN) }, { said: full, used: () => undefined });
  assert.throws(() => link.hello(TOKEN, MACHINE, body), /full/);
  assert.is(link.isKnown, false);
  assert.is(link.vncSecret, undefined);
});

test('one that a controller before knew is known by hashes alone', () => {
  const secret = 's'.repeat(43);
  const link = new GuestLink({ secretHash: toHash(secret), vncSecret: body.vncSecret });
  link.check(secret);
  assert.equal([link.isKnown, link.vncSecret], [true, body.vncSecret]);
  assert.is(
    codeOf(() => link.hello(TOKEN, MACHINE, body)),
    'guest_token_used',
  );
});

test.run();
