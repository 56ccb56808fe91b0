import type { RtpPacket } from 'werift';
import { mock } from 'node:test';
import { assert, suite } from '#test/suite';
import type { Feedback } from '../../../src/agent/congestion/feedback.ts';
import { VideoTrack } from '../../../src/agent/peer/video-track.ts';

const test = suite('video track');

function start({ hasFeedback = true } = {}) {
  let nowMs = 0;
  const sent: RtpPacket[] = [];
  const again: { packet: RtpPacket; number: number }[] = [];
  const numbers: number[] = [];
  const told = { keyFrames: 0, flow: [] as boolean[] };
  let feed!: (feedback: Feedback) => void;
  let nack!: (numbers: readonly number[]) => void;
  let loss!: () => void;
  const sender = {
    hasFeedback,
    receiverLimitKbps: 700,
    onFeedback: (take: typeof feed) => (feed = take),
    onNack: (take: typeof nack) => (nack = take),
    onPictureLoss: (take: typeof loss) => (loss = take),
    send(packet: RtpPacket, number: number) {
      sent.push(packet);
      numbers.push(number);
    },
    resend: (packet: RtpPacket, number: number) => void again.push({ packet, number }),
  };
  const events = { onKeyFrameWanted: () => (told.keyFrames += 1), onFlow: () => told.flow.push(track.isCongested) };
  const track: VideoTrack = new VideoTrack(sender, { startKbps: 4000, leastKbps: 100, mostKbps: 4000 }, events, () => nowMs);
  const frame = (bytes: number, isKey = false) => track.send({ data: Buffer.alloc(bytes, 1), timestamp: nowMs * 90, isKey });
  const pass = (ms: number) => {
    for (let count = 0; count < ms; count++) {
      nowMs += 1;
      mock.timers.tick(1);
    }
  };
  /** All that was sent and not told of came at once. */
  let reported = 0;
  const tellAll = () => {
    const count = numbers.length + again.length - reported;
    feed({ base: reported, arrivals: Array.from({ length: count }, () => nowMs) });
    reported += count;
  };
  /** But for the last packet. */
  const missLast = () => {
    const count = numbers.length + again.length - reported;
    feed({ base: reported, arrivals: Array.from({ length: count }, (_, index) => (index < count - 1 ? nowMs : undefined)) });
    reported += count;
  };
  return { track, sent, again, numbers, told, frame, pass, tellAll, missLast, nack: (...all: number[]) => nack(all), lose: () => loss() };
}

const toFrames = (packets: readonly RtpPacket[]) => packets.filter(({ header }) => header.marker).length;
const toPictureIds = (packets: readonly RtpPacket[]) => packets.map(({ payload }) => payload.readUInt16BE(2) & 0x7fff);

test.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
test.afterEach(() => mock.timers.reset());

test('nothing is sent before a key frame; then all, numbered without a gap', () => {
  const { track, sent, numbers, frame, pass } = start();
  frame(100);
  assert.equal([sent.length, track.dropped], [0, 1]);
  frame(3000, true);
  frame(100);
  pass(10);
  assert.equal(numbers, [0, 1, 2, 3]);
  assert.equal(toPictureIds(sent), [1, 1, 1, 2]);
  const first = sent[0]!.header.sequenceNumber;
  assert.equal(
    sent.map(({ header }) => header.sequenceNumber - first),
    [0, 1, 2, 3],
  );
  assert.equal(
    sent.map(({ header }) => header.marker),
    [false, false, true, true],
  );
});

test('what is asked for is sent again, once on its way, with a number of its own', () => {
  const { sent, again, frame, pass, tellAll, nack } = start();
  frame(3000, true);
  pass(50);
  tellAll();
  const { sequenceNumber } = sent[1]!.header;
  nack(sequenceNumber, sequenceNumber);
  nack(sequenceNumber);
  assert.equal(
    again.map(({ packet, number }) => [packet.header.sequenceNumber, number]),
    [[sequenceNumber, 3]],
  );
  pass(200);
  nack(sequenceNumber, (sequenceNumber + 1000) & 0xffff);
  assert.is(again.length, 2);
});

test('2,000 packets later it can still be asked for', () => {
  const { sent, again, frame, pass, tellAll, nack } = start();
  frame(1000, true);
  for (let count = 0; count < 2000; count++) {
    frame(1000);
    pass(1);
    if (count % 20 === 0) tellAll();
  }
  pass(300);
  tellAll();
  assert.is(sent.length, 2001);
  nack(sent[0]!.header.sequenceNumber);
  assert.is(again.length, 1);
});

test('frames that would wait make it congested, until they have left', () => {
  const { track, told, frame, pass } = start();
  frame(60_000, true);
  assert.equal([track.isCongested, told.flow], [true, [true]]);
  pass(60);
  assert.equal([track.isCongested, told.flow], [false, [true, false]]);
});

test('a viewer that cannot follow the others skips to a key frame, which it asks for when there is room', () => {
  const { track, sent, told, frame, pass, tellAll } = start();
  frame(60_000, true);
  for (let count = 0; count < 60; count++) {
    frame(5000);
    pass(16);
  }
  assert.ok(track.dropped > 20, `${track.dropped} dropped`);
  assert.equal([track.isCongested, told.keyFrames], [true, 0]);
  tellAll();
  pass(50);
  assert.equal([track.isCongested, told.keyFrames], [false, 1]);
  const before = toFrames(sent);
  frame(5000);
  assert.is(toFrames(sent), before);
  frame(2000, true);
  pass(20);
  assert.is(toFrames(sent), before + 1);
});

test('a wish for a key frame that is on its way is no new wish', () => {
  const { told, frame, pass, tellAll, lose } = start();
  frame(30_000, true);
  lose();
  pass(60);
  lose();
  assert.is(told.keyFrames, 0);
  tellAll();
  pass(300);
  lose();
  assert.is(told.keyFrames, 1);
});

test('who has all and hears nothing for three seconds gets no key frame for that; who asks again, or misses something, does', () => {
  const { told, frame, pass, tellAll, missLast, lose } = start();
  frame(3000, true);
  pass(50);
  tellAll();
  pass(3000);
  lose();
  assert.is(told.keyFrames, 0, 'mere silence');
  pass(200);
  lose();
  assert.is(told.keyFrames, 1, 'it cannot decode');
  frame(3000);
  pass(50);
  missLast();
  pass(3000);
  lose();
  assert.is(told.keyFrames, 2, 'a packet is missing');
  frame(3000);
  pass(3000);
  lose();
  assert.is(told.keyFrames, 3, 'nothing is known of the last packets');
});

test('of a viewer that does not tell when packets came, its own limit is taken, and nothing waits for its word', () => {
  const { track, sent, frame, pass } = start({ hasFeedback: false });
  assert.is(track.targetKbps, 700);
  frame(200_000, true);
  pass(200);
  assert.is(toFrames(sent), 1);
  assert.is(start().track.targetKbps, 4000);
});

test.run();
