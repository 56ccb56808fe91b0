import { setTimeout as sleep } from 'node:timers/promises';
import { RESIZE_LIMITS } from '#contract/machine-config';
import { assert, suite } from '#test/suite';
import { Resizer, toAllowed, type ResizerOptions } from '../../../src/agent/desktop/resizer.ts';
import type { Size } from '../../../src/agent/input/words.ts';
import { createLog } from '../../../src/agent/log.ts';

const test = suite('resizer');

const INTERVAL_MS = 20;

function start(options: Partial<ResizerOptions> = {}) {
  const set: string[] = [];
  let size = { width: 1280, height: 720 };
  const setSize = async (wanted: Size) => {
    set.push(`${wanted.width}x${wanted.height}`);
    await sleep(5);
    size = wanted;
  };
  const resizer = new Resizer({
    resize: undefined,
    getSize: () => size,
    setSize,
    log: createLog(() => {}),
    intervalMs: INTERVAL_MS,
    ...options,
  });
  return { resizer, set, begin: () => (size = { width: 1280, height: 720 }) };
}

test('a size is brought within the limits, and is even', () => {
  const toText = (width: number, height: number) => Object.values(toAllowed({ width, height }, RESIZE_LIMITS)).join('x');
  assert.is(toText(1003, 701), '1002x700');
  assert.is(toText(1, 1), '320x240');
  assert.is(toText(321, 241), '320x240');
  assert.is(toText(65_535, 65_535), '3840x2160');
});

test('the first wish is obeyed at once; of many that follow, the last', async () => {
  const { resizer, set } = start();
  resizer.wish('a', { width: 400, height: 500 });
  await sleep(1);
  for (let width = 400; width <= 1000; width += 10) resizer.wish('a', { width, height: 500 });
  await sleep(INTERVAL_MS * 4);
  assert.equal(set, ['400x500', '1000x500']);
});

test('a wish for the size that is there changes nothing', async () => {
  const { resizer, set } = start();
  resizer.wish('a', { width: 1281, height: 721 });
  await sleep(INTERVAL_MS * 3);
  assert.equal(set, []);
});

test('who used the desktop last has it', async () => {
  const { resizer, set } = start();
  resizer.wish('a', { width: 800, height: 600 });
  resizer.wish('b', { width: 1000, height: 500 });
  await sleep(INTERVAL_MS * 3);
  resizer.use('b');
  await sleep(INTERVAL_MS * 3);
  resizer.leave('b');
  await sleep(INTERVAL_MS * 3);
  assert.equal(set, ['800x600', '1000x500', '800x600']);
});

test('a desktop whose size is fixed stays as it is', async () => {
  const { resizer, set } = start({ resize: false });
  assert.is(resizer.isFree, false);
  resizer.wish('a', { width: 800, height: 600 });
  resizer.use('a');
  await sleep(INTERVAL_MS * 3);
  assert.equal(set, []);
});

test('the limits are the config’s', async () => {
  const { resizer, set } = start({ resize: { least: { width: 640, height: 480 }, most: { width: 800, height: 600 } } });
  resizer.wish('a', { width: 5000, height: 10 });
  await sleep(INTERVAL_MS * 2);
  assert.equal(set, ['800x480']);
});

test('an X that begins anew gets the size again', async () => {
  const { resizer, set, begin } = start();
  resizer.wish('a', { width: 800, height: 600 });
  await sleep(INTERVAL_MS * 2);
  begin();
  resizer.again();
  await sleep(INTERVAL_MS * 2);
  assert.equal(set, ['800x600', '800x600']);
});

test('a size that X does not take leaves the next one its turn', async () => {
  let tries = 0;
  const { resizer } = start({ setSize: async () => void (tries++ === 0 && (await Promise.reject(new Error('BadMatch')))) });
  resizer.wish('a', { width: 800, height: 600 });
  await sleep(INTERVAL_MS * 2);
  resizer.wish('a', { width: 802, height: 600 });
  await sleep(INTERVAL_MS * 2);
  assert.is(tries, 2);
});

test.run();
