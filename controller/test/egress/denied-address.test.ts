import { suite, assert } from '#test/suite';
import { whyDenied } from '../../src/egress/denied-address.ts';

const test = suite('egress: denied addresses');

const DENIED: Record<string, string[]> = {
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  private: ['10.0.0.0', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fd00:ec2::254'],
  'shared with carriers': ['100.64.0.0', '100.96.0.1', '100.100.100.200', '100.127.255.255'],
  loopback: ['127.0.0.1', '127.255.255.255', '::1'],
  metadata: ['168.63.129.16'],
  'link-local': ['169.254.0.1', '169.254.169.254', 'fe80::1', 'fe80::1%eth0'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  reserved: [
    '192.0.0.192',
    '198.18.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '2001::1',
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
    '100::1',
    '4000::1',
  ],
  'not an address': ['', 'localhost', '1.2.3', '2130706433', '0x7f000001'],
};

for (const [reason, addresses] of Object.entries(DENIED)) {
  test(`${reason}: ${addresses.join(' ')}`, () => {
    for (const address of addresses) assert.is(whyDenied(address), reason, address);
  });
}

/** An IPv4 address in an IPv6 one is judged as what it is. */
for (const address of ['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '::ffff:a00:1', '::ffff:8.8.8.8', '::127.0.0.1']) {
  test(`${address} is denied`, () => assert.ok(whyDenied(address)));
}

for (const address of [
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '203.0.113.10',
  '223.255.255.255',
  '2606:4700::1111',
  '2a00::1',
]) {
  test(`${address} is the internet`, () => assert.is(whyDenied(address), undefined));
}

test.run();
