import { assert, suite } from '#test/suite';
import { toCoturnUnit } from '../../turn/unit.ts';

const test = suite('unit of coturn');
const PATHS = { dir: '/etc/oriel-turn', run: '/run/oriel-turn', certificate: '/tls/fullchain.pem', key: '/tls/privkey.pem' };
const linesOf = (tls: number) => toCoturnUnit({ realm: 'turn.example.org', ports: { plain: 3478, tls } }, PATHS).split('\n');

test('it does not begin without its wall, and reads certificate and secrets again when it is told', () => {
  const lines = linesOf(5349);
  const prepare =
    '+/bin/sh /etc/oriel-turn/prepare.sh /run/oriel-turn turn.example.org /tls/fullchain.pem /tls/privkey.pem /etc/oriel-turn/secret';
  assert.equal(
    lines.filter((line) => line.startsWith('Exec')),
    [
      'ExecStartPre=+/usr/sbin/nft -f /etc/oriel-turn/wall.nft',
      `ExecStartPre=${prepare}`,
      'ExecStart=',
      'ExecStart=/usr/bin/turnserver -c /etc/oriel-turn/turnserver.conf --pidfile=',
      `ExecReload=${prepare}`,
      'ExecReload=/bin/kill -USR2 $MAINPID',
      'ExecStopPost=-+/usr/sbin/nft delete table inet oriel_turn',
    ],
  );
  assert.ok(lines.includes('RuntimeDirectory=oriel-turn'));
});

test('it has no right on the host but that of a low port, where it has one', () => {
  assert.ok(linesOf(5349).includes('CapabilityBoundingSet='));
  assert.not.match(linesOf(5349).join('\n'), 'Ambient');
  assert.ok(linesOf(443).includes('AmbientCapabilities=CAP_NET_BIND_SERVICE'));
  assert.ok(linesOf(443).includes('CapabilityBoundingSet=CAP_NET_BIND_SERVICE'));
});

test.run();
