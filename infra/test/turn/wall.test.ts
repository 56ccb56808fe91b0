import { assert, suite } from '#test/suite';
import { planTurnWall } from '../../turn/wall.ts';

const test = suite('wall of coturn');

test('replies to browsers, and from its ports to the media of desktops: nothing else of its user', () => {
  const text = planTurnWall({ relayPorts: { min: 52_000, max: 65_535 }, peers: { hosts: ['203.0.113.1'], slots: 2 } });
  assert.is(
    text,
    `table inet oriel_turn
delete table inet oriel_turn
table inet oriel_turn {
  set media {
    type ipv4_addr . inet_service
    flags interval
    elements = { 203.0.113.1 . 20000-51999, 100.96.0.2 . 20000-20031, 100.96.0.6 . 20032-20063 }
  }
  counter refused {
  }
  chain output {
    type filter hook output priority filter; policy accept;
    meta skuid "turnserver" jump of_coturn
  }
  chain of_coturn {
    ct direction reply accept
    udp sport 52000-65535 ip daddr . udp dport @media accept
    counter name "refused" drop
  }
}
`,
  );
});

test.run();
