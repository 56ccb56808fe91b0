import { PNG } from 'pngjs';
import { assert, suite } from '#test/suite';
import { toCursorEvent } from '../../../src/agent/cursor/cursor-event.ts';

const test = suite('cursor event');

test("X's multiplied B G R A becomes a PNG of plain R G B A", () => {
  const pixels = Buffer.from([0, 0, 255, 255, 64, 32, 16, 128, 0, 0, 0, 0]);
  const event = toCursorEvent({ pixels, width: 3, height: 1, hotX: 1, hotY: 0, serial: 7, at: 0 });
  const png = PNG.sync.read(Buffer.from(event.png, 'base64'));
  assert.equal([...png.data], [255, 0, 0, 255, 32, 64, 128, 128, 0, 0, 0, 0]);
  assert.equal([event.width, event.height, event.hotX, event.hotY], [3, 1, 1, 0]);
});

test.run();
