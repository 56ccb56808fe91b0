import { assert, suite } from '#test/suite';
import { Vp8RtpPayload } from 'werift';
import { isKeyFrame, nextPictureId, PAYLOAD_MAX, toVp8Payloads } from '../../../src/agent/stream/vp8.ts';

const test = suite('vp8');

/** Made by vp8enc from 32x16 pixels of one colour: a key frame and the delta frame after it. */
const KEY_FRAME = Buffer.from('1002009d012a200010000047088585889984880202000911eb80feffa3de00', 'hex');
const DELTA_FRAME = Buffer.from('b1010001101000180018582ff400084000', 'hex');

test('a key frame is known by its first byte', () => {
  assert.is(isKeyFrame(KEY_FRAME), true);
  assert.is(isKeyFrame(DELTA_FRAME), false);
});

test('a small frame is one payload: four bytes of descriptor and the frame', () => {
  const [payload, ...more] = toVp8Payloads(KEY_FRAME, 0x1234);
  assert.equal(more, []);
  assert.is(payload!.toString('hex'), `90809234${KEY_FRAME.toString('hex')}`);
});

for (const length of [1, 1195, 1196, 1197, 2392, 2393, 117_000]) {
  test(`a frame of ${length} bytes comes together again, as another reader reads it`, () => {
    const frame = Buffer.from(Array.from({ length }, (_, index) => (index * 31) & 0xff));
    const payloads = toVp8Payloads(frame, 0x7fff);
    assert.ok(payloads.every((payload) => payload.length <= PAYLOAD_MAX));
    assert.is(payloads.length, Math.ceil(length / (PAYLOAD_MAX - 4)));
    const read = payloads.map((payload) => Vp8RtpPayload.deSerialize(payload));
    assert.equal(Buffer.concat(read.map(({ payload }) => payload)), frame);
    assert.equal(
      read.map(({ sBit, pid, pictureId }) => [sBit, pid, pictureId]),
      read.map((_, index) => [index === 0 ? 1 : 0, 0, 0x7fff]),
    );
  });
}

test('picture ids have 15 bits', () => {
  assert.is(nextPictureId(0x7ffe), 0x7fff);
  assert.is(nextPictureId(0x7fff), 0);
});

test.run();
