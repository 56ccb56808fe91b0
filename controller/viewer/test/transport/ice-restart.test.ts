import { assert, suite } from '#test/suite';
import { isSameSender } from '../../src/transport/ice-restart.ts';

const test = suite('ICE restart');

const toSdp = (...lines: string[]) => ['v=0', 'm=video 9 UDP/TLS/RTP/SAVPF 96', ...lines, ''].join('\r\n');

test('an answer with the same stream is of the same connection; with another, or none, it is not', () => {
  const before = toSdp('a=ice-ufrag:aaaa', 'a=ssrc:1234 cname:x');
  assert.is(isSameSender(toSdp('a=ice-ufrag:bbbb', 'a=ssrc:1234 cname:x'), before), true);
  assert.is(isSameSender(toSdp('a=ice-ufrag:bbbb', 'a=ssrc:12345 cname:x'), before), false);
  assert.is(isSameSender(toSdp(), toSdp()), false);
});

test.run();
