import { assert, suite } from '#test/suite';
import { readCount, toLikeness, toLuma } from '../stream/likeness.ts';
import { toLines } from '../stream/tell.ts';
import { REST_MS, type Measured } from '../stream.ts';

const test = suite('bench stream');

const SIZE = { width: 256, height: 64 };

/** White squares from the left, one for each bit. */
function draw(count: number, grey = 100) {
  const bgrx = new Uint8Array(SIZE.width * SIZE.height * 4).fill(grey);
  for (let y = 0; y < 16; y++)
    for (let x = 0; x < SIZE.width; x++)
      bgrx.fill((count >> (x >> 4)) & 1 ? 255 : 0, 4 * (y * SIZE.width + x), 4 * (y * SIZE.width + x) + 4);
  return toLuma(bgrx, SIZE.width, SIZE.height);
}

test('a picture has the number that was drawn into it, in the range of video', () => {
  for (const count of [0, 1, 4711, 65_535]) assert.is(readCount(draw(count)), count);
  assert.equal([draw(1).luma[0], draw(0).luma[0]], [235, 16]);
});

test('a picture is like itself, less like another, and not compared with one of another size', () => {
  assert.ok(Math.abs(toLikeness(draw(4711), draw(4711)) - 1) < 1e-9);
  assert.ok(toLikeness(draw(4711), draw(4712)) < 0.97);
  assert.throws(() => toLikeness(draw(1), { ...draw(1), width: 128, height: 128 }), /256×64 and 128×128/);
});

test('what is above its limit is said to be missed', () => {
  const flow = { machinePercent: 1, streamPercent: 0.5, kbps: 10, seen: 300, drawn: 300, delaysMs: [20] };
  const good: Measured = {
    idle: flow,
    scroll: { ...flow, likeness: [0.99] },
    film: flow,
    rest: [{ all: REST_MS.map(() => 0.98), text: REST_MS.map(() => 0.995) }],
  };
  assert.equal(
    toLines([good]).filter((line) => line.includes('MISSED')),
    [],
  );
  const bad: Measured = {
    idle: { ...flow, kbps: 40 },
    scroll: { ...flow, machinePercent: 80, likeness: [0.9] },
    film: { ...flow, seen: 200 },
    rest: [{ all: REST_MS.map(() => 0.95), text: REST_MS.map(() => 0.95) }],
  };
  assert.equal(
    toLines([bad]).flatMap((line) => line.split('MISSED: ')[1] ?? []),
    ['rate', 'processor, likeness', 'pictures', 'likeness'],
  );
});

test.run();
