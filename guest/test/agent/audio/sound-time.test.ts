import { assert, suite } from '#test/suite';
import { SoundTime } from '../../../src/agent/audio/sound-time.ts';

const test = suite('times of sound');
const LOUD = Buffer.alloc(200);
const DTX = Buffer.alloc(1);
const stamps = (packets: [payload: Buffer, nowMs: number][]) => {
  const time = new SoundTime();
  return packets.map(([payload, nowMs]) => time.stamp(payload, nowMs)).map((one) => one && [one.timestamp, one.marker]);
};

test('packets follow each other by 20 ms of 48 kHz, however unevenly they come', () => {
  assert.equal(
    stamps([
      [LOUD, 1000],
      [LOUD, 1035],
      [LOUD, 1036],
    ]),
    [
      [48_000, true],
      [48_960, false],
      [49_920, false],
    ],
  );
});

test('a capture that was held up goes on at the clock’s time, not at its own', () => {
  assert.equal(
    stamps([
      [LOUD, 0],
      [LOUD, 5000],
    ]),
    [
      [0, true],
      [240_000, false],
    ],
  );
});

test('of a silence one packet is sent, and time goes on in it', () => {
  assert.equal(
    stamps([
      [LOUD, 0],
      [DTX, 20],
      [DTX, 40],
      [DTX, 60],
      [LOUD, 80],
    ]),
    [[0, true], [960, false], undefined, undefined, [3840, true]],
  );
});

test('of a desktop that plays nothing from the start nothing is sent', () => {
  assert.equal(
    stamps([
      [DTX, 0],
      [DTX, 20],
    ]),
    [undefined, undefined],
  );
});

test('a time has 32 bits', () => {
  const lap = 2 ** 32 / 48;
  assert.equal(
    stamps([
      [LOUD, lap - 20],
      [LOUD, lap],
    ]),
    [
      [2 ** 32 - 960, true],
      [0, false],
    ],
  );
});

test.run();
