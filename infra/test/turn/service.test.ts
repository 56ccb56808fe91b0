import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { assert, suite } from '#test/suite';
import { planInstall } from '../../deploy/service.ts';
import { readSettings, type Settings } from '../../settings/settings.ts';
import { PACKAGES } from '../../host/packages.ts';
import { toTurnService, TURN_REMOVAL } from '../../turn/service.ts';
import { writeSections } from '../settings/fixture.ts';

const test = suite('service of coturn');
const { dir, path } = writeSections();
const settings = readSettings(path);

test.after(() => rmSync(dir, { recursive: true }));

function fileOf(name: string, change: (settings: Settings) => void = () => undefined): string {
  const next = structuredClone(settings);
  change(next);
  next.turn.relay!.tls = { onHost: { certificate: '/tls/certificate', key: '/tls/key' } };
  return toTurnService(next.turn.relay!, next).files[name]!;
}

const peersOf = (text: string) => [...text.matchAll(/^allowed-peer-ip=(.*)$/gm)].map(([, peer]) => peer);

test('desktops of other machines are at their public addresses', () => {
  assert.equal(peersOf(fileOf('turnserver.conf')), ['203.0.113.1']);
  const two = (next: Settings) => (next.hosts.first!.variables.ORIEL_PUBLIC_ADDRESSES = '203.0.113.1, 203.0.113.2');
  assert.equal(peersOf(fileOf('turnserver.conf', two)), ['203.0.113.1', '203.0.113.2']);
  assert.match(fileOf('wall.nft', two), '203.0.113.1 . 20000-51999, 203.0.113.2 . 20000-51999');
});

test('those of its own machine are behind their routers, as many as there may be', () => {
  const here = (next: Settings) => {
    next.turn.relay!.ssh.address = next.hosts.first!.ssh.address;
    next.hosts.first!.variables.ORIEL_MAX_SESSIONS = 2;
  };
  assert.equal(peersOf(fileOf('turnserver.conf', here)), ['100.96.0.2', '100.96.0.6']);
  assert.match(fileOf('wall.nft', here), '{ 100.96.0.2 . 20000-20031, 100.96.0.6 . 20032-20063 }');
});

test('a certificate of the machine’s own is read where it is; nothing of it goes over', () => {
  assert.match(
    fileOf('coturn.service.conf'),
    'prepare.sh /run/oriel-turn turn.example.org /tls/certificate /tls/key /etc/oriel-turn/secret',
  );
  assert.is(fileOf('tls/certificate.pem'), undefined);
});

test('what a host of desktops needs as well is not taken away', () => {
  const next = structuredClone(settings);
  next.turn.relay!.tls = { onHost: { certificate: '/tls/certificate', key: '/tls/key' } };
  const { packages } = toTurnService(next.turn.relay!, next);
  assert.equal(
    packages.filter((name) => !TURN_REMOVAL.packages.includes(name)),
    ['nftables'],
  );
  assert.equal(
    TURN_REMOVAL.packages.filter((name) => Object.values(PACKAGES).includes(name)),
    [],
  );
});

test('what is run on the machine is a script that a shell can read', () => {
  const next = structuredClone(settings);
  next.turn.relay!.tls = { onHost: { certificate: '/tls/certificate', key: '/tls/key' } };
  const { status, stderr } = spawnSync('sh', ['-n'], { input: planInstall(toTurnService(next.turn.relay!, next)), encoding: 'utf8' });
  assert.equal([status, stderr], [0, '']);
  assert.is(spawnSync('sh', ['-n'], { input: 'for x in' }).status === 0, false, 'the shell would say so');
});

test.run();
