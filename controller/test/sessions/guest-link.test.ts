import { suite, assert } from '#test/suite';
import { PROTOCOL_VERSION } from '#contract/protocol';
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
  const link = new GuestLink(TOKEN);
  const { secret } = link.hello(TOKEN, MACHINE, body);
  assert.is(link.vncSecret, body.vncSecret);
  link.check(secret);
  assert.is(
    codeOf(() => link.hello(TOKEN, MACHINE, body)),
    'guest_token_used',
  );
});

test('a wrong token, another machine or an unknown protocol do not use the token up', () => {
  const link = new GuestLink(TOKEN);
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
  const link = new GuestLink(TOKEN);
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

test.run();
