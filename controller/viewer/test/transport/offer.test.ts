import { assert, suite } from '#test/suite';
import { toId } from '../../src/transport/offer.ts';
import { toVncUrl } from '../../src/transport/vnc.ts';

const test = suite('offer and addresses');

test('ids keep to the contract’s alphabet', () => {
  for (let byte = 0; byte < 256; byte += 1) assert.match(toId(new Uint8Array(12).fill(byte)), /^[A-Za-z0-9_-]{16}$/);
});

test('VNC goes to the controller’s WebSocket', () => {
  assert.is(toVncUrl('https://oriel.test/', 's-a'), 'wss://oriel.test/api/vnc/session/s-a');
  assert.is(toVncUrl('http://127.0.0.1:8080', 's-a'), 'ws://127.0.0.1:8080/api/vnc/session/s-a');
});

test.run();
