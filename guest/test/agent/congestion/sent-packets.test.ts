import { assert, suite } from '#test/suite';
import { SentPackets } from '../../../src/agent/congestion/sent-packets.ts';

const test = suite('sent packets');
const toPacket = (sentMs: number) => ({ sentMs, bytes: 100, train: 1 });

test('what came is put beside what was sent, each once', () => {
  const sent = new SentPackets();
  for (let count = 0; count < 4; count++) assert.is(sent.add(toPacket(count)), count);
  assert.is(sent.inFlightBytes, 400);
  const results = sent.take({ base: 1, arrivals: [50, undefined] });
  assert.equal(
    results.map(({ sentMs, arrivalMs }) => [sentMs, arrivalMs]),
    [
      [1, 50],
      [2, undefined],
    ],
  );
  assert.is(sent.inFlightBytes, 100);
  // The late one is told of afterwards.
  assert.equal(
    sent.take({ base: 1, arrivals: [50, 60, 61] }).map(({ arrivalMs }) => arrivalMs),
    [60, 61],
  );
  assert.is(sent.inFlightBytes, 0);
});

test('numbers go round at 16 bits', () => {
  const sent = new SentPackets();
  for (let count = 0; count < 0x10000 + 5; count++) sent.add(toPacket(count));
  assert.is(sent.add(toPacket(7)), 5);
  const results = sent.take({ base: 0xffff, arrivals: [1, 2] });
  assert.equal(
    results.map(({ sentMs }) => sentMs),
    [0xffff, 0x10000],
  );
  assert.is(sent.inFlightBytes, 500);
});

test('what was never sent, or is long forgotten, is left out', () => {
  const sent = new SentPackets();
  sent.add(toPacket(0));
  assert.equal(sent.take({ base: 40_000, arrivals: [1, 2, 3] }), []);
  assert.is(sent.take({ base: 0, arrivals: [1, 2, 3] }).length, 1);
  for (let count = 0; count < 10_000; count++) sent.add(toPacket(count));
  assert.equal(sent.take({ base: 1, arrivals: [1] }), []);
  sent.take({ base: 10_000, arrivals: [1] });
  assert.is(sent.inFlightBytes, 0);
});

test.run();
