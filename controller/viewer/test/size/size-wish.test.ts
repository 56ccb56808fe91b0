import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import { SizeWish } from '../../src/size/size-wish.ts';

const test = suite('size wish');

const REST_MS = 20;

function start() {
  const sent: string[] = [];
  const wish = new SizeWish(({ width, height }) => sent.push(`${width}x${height}`), REST_MS);
  return { wish, sent };
}

test('the size is told at once when it may be, and once', () => {
  const { wish, sent } = start();
  wish.resize({ width: 800, height: 600 });
  assert.equal(sent, []);
  wish.allow(true);
  wish.allow(true);
  assert.equal(sent, ['800x600']);
  wish.stop();
});

test('of a window that is being drawn the last size is told, when it has come to rest', async () => {
  const { wish, sent } = start();
  wish.allow(true);
  for (let width = 500; width <= 700; width += 50) wish.resize({ width, height: 600 });
  assert.equal(sent, []);
  await sleep(REST_MS * 3);
  assert.equal(sent, ['700x600']);
});

test('one who may not choose, a hidden element and one that scales tell nothing', async () => {
  const { wish, sent } = start();
  wish.allow(false);
  wish.resize({ width: 800, height: 600 });
  await sleep(REST_MS * 3);
  wish.resize({ width: 0, height: 0 });
  wish.allow(true);
  wish.mode = 'scale';
  wish.resize({ width: 800, height: 600 });
  await sleep(REST_MS * 3);
  assert.equal(sent, []);
  wish.mode = 'desktop';
  assert.equal(sent, ['800x600']);
});

test('a new connection is told again', () => {
  const { wish, sent } = start();
  wish.resize({ width: 800, height: 600 });
  wish.allow(true);
  wish.forget();
  wish.allow(true);
  wish.stop();
  assert.equal(sent, ['800x600', '800x600']);
});

test.run();
