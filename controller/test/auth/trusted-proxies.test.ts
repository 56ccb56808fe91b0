import type { IncomingMessage } from 'node:http';
import { assert, suite } from '#test/suite';
import { toAddress, toTrust } from '../../src/auth/trusted-proxies.ts';
import { FakeController } from '../fakes/controller.ts';

const test = suite('trusted proxies');

const from = (remoteAddress: string, said?: string) =>
  ({ socket: { remoteAddress }, headers: said === undefined ? {} : { 'x-forwarded-for': said } }) as unknown as IncomingMessage;

const CASES: [what: string, networks: string[], request: IncomingMessage, address: string][] = [
  ['nobody is believed', [], from('127.0.0.1', '203.0.113.7'), '127.0.0.1'],
  ['a proxy is', ['127.0.0.1'], from('127.0.0.1', '203.0.113.7'), '203.0.113.7'],
  ['one that says nothing is who asks', ['127.0.0.1'], from('127.0.0.1'), '127.0.0.1'],
  ['somebody else is not', ['127.0.0.1'], from('198.51.100.1', '203.0.113.7'), '198.51.100.1'],
  [
    'what a person says of himself in front of what the proxy says is not',
    ['127.0.0.1'],
    from('127.0.0.1', '10.0.0.1, 203.0.113.7'),
    '203.0.113.7',
  ],
  ['two proxies are', ['127.0.0.1', '10.0.0.0/8'], from('127.0.0.1', '203.0.113.7, 10.1.2.3'), '203.0.113.7'],
  ['an IPv4 address in IPv6 is itself', ['127.0.0.1'], from('::ffff:127.0.0.1', '2001:db8::7'), '2001:db8::7'],
  ['what is no address is nobody who is believed', ['127.0.0.1'], from('127.0.0.1', '203.0.113.7, what'), 'what'],
];

for (const [what, networks, request, address] of CASES) test(what, () => assert.is(toAddress(request, toTrust(networks)), address));

test('people behind a proxy are counted each for himself, where it is trusted, and as one where it is not', async () => {
  const ask = async (trusted: string) => {
    await using fake = new FakeController({ ORIEL_AUTH_FAILURES_PER_MINUTE: '1', ORIEL_TRUSTED_PROXIES: trusted });
    const app = await fake.app();
    const statuses = [];
    for (const person of ['203.0.113.1', '203.0.113.2', '203.0.113.1']) {
      const headers = { authorization: 'Bearer wrong', 'x-forwarded-for': person };
      statuses.push((await app.inject({ url: '/api/host', headers, remoteAddress: '127.0.0.1' })).statusCode);
    }
    return statuses;
  };
  assert.equal(await ask('127.0.0.1'), [401, 401, 429]);
  assert.equal(await ask(''), [401, 429, 429]);
});

test.run();
