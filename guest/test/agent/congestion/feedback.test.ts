import { TransportWideCC, RtcpTransportLayerFeedback, RtcpPacketConverter } from 'werift';
import { assert, suite } from '#test/suite';
import { toFeedback, type WireFeedback } from '../../../src/agent/congestion/feedback.ts';

const test = suite('transport feedback');

/** A packet as it comes: format 15 of type 205, SSRCs 1 and 2. */
function read(hex: string): WireFeedback {
  const body = Buffer.from(`0000000100000002${hex}`, 'hex');
  const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
  const header = Buffer.from([0x8f, 205, 0, padded.length / 4]);
  const [packet] = RtcpPacketConverter.deSerialize(Buffer.concat([header, padded]));
  assert.instance(packet, RtcpTransportLayerFeedback);
  const { feedback } = packet as RtcpTransportLayerFeedback;
  assert.instance(feedback, TransportWideCC);
  return feedback as unknown as WireFeedback;
}

test('a run of packets that came: reference time of 64 ms, deltas of 250 µs', () => {
  // base 16, 3 packets, reference 2, run of 3 small deltas: 4, 8, 0.
  assert.equal(toFeedback(read('00100003' + '00000200' + '2003' + '040800')), { base: 16, arrivals: [129, 131, 131] });
});

test('a vector of one bit each: 0 is lost', () => {
  // 1 0 1 0 … : symbols of one bit, 14 in the chunk, 3 of them meant.
  assert.equal(toFeedback(read('fffe0003' + '00000100' + 'a800' + '0404')), { base: 0xfffe, arrivals: [65, undefined, 66] });
});

test('a vector of two bits each: a delta may have 16 bits, and go back', () => {
  // small, large, lost, small.
  assert.equal(toFeedback(read('00000004' + '00000a00' + 'd840' + '04' + 'fff0' + '08')), {
    base: 0,
    arrivals: [641, 637, undefined, 639],
  });
});

test('what contradicts itself is no feedback', () => {
  const { recvDeltas, ...rest } = read('00100003' + '00000200' + '2003' + '040800');
  assert.is(toFeedback({ ...rest, recvDeltas: recvDeltas.slice(1) }), undefined);
  assert.is(toFeedback({ ...rest, recvDeltas, packetStatusCount: 40 }), undefined);
});

test.run();
