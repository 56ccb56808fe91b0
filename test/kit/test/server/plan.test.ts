import { assert, suite } from '#test/suite';
import { SERVER_NETWORK } from '#test/server/network';
import { planQemu, planSsh } from '#test/server/plan';

const test = suite('kit: a throw-away server');

const image = { disk: '/cache/disk.ext4', kernel: '/cache/vmlinuz', initrd: '/cache/initrd' };
const argv = planQemu({ image, disks: ['/tmp/project.erofs'], publicKey: 'ssh-ed25519 AAAA test\n', console: '/tmp/console.log' });

test('what it writes goes to a layer that nobody keeps, and never to a disk that others share', () => {
  const drives = argv.filter((_, index) => argv[index - 1] === '-drive');
  assert.is(drives.length, 2);
  assert.match(drives[0]!, /^file=\/cache\/disk\.ext4,.*\bsnapshot=on\b/);
  assert.match(drives[1]!, /^file=\/tmp\/project\.erofs,.*\breadonly=on\b/);
});

test('its only network is the tap in the test’s namespace', () => {
  assert.equal(
    argv.filter((_, index) => argv[index - 1] === '-netdev'),
    [`tap,id=wan,ifname=${SERVER_NETWORK.tap},script=no,downscript=no`],
  );
});

test('systemd is told whose key may come in, and nothing secret', () => {
  const line = argv[argv.indexOf('-append') + 1]!;
  const [, key] = /systemd\.set_credential_binary=ssh\.authorized_keys\.root:(\S+)/.exec(line)!;
  assert.is(Buffer.from(key!, 'base64').toString(), 'ssh-ed25519 AAAA test\n');
});

test('ssh reads and writes nothing of the user’s own', () => {
  const words = planSsh('/tmp/key', '/tmp/ssh');
  assert.equal(words.slice(0, 5), ['ssh', '-F', 'none', '-i', '/tmp/key']);
  for (const option of ['IdentitiesOnly=yes', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes']) assert.ok(words.includes(option), option);
});

test.run();
