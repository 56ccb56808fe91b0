import { suite, assert } from '#test/suite';
import { Bell, until, untilAtMost } from '../../src/signal/bell.ts';

const test = suite('bell');

test('everyone who waits is woken by one ring', async () => {
  const bell = new Bell();
  const values: number[] = [];
  const never = new AbortController().signal;
  const waits = [until(bell, () => values[0], never), until(bell, () => values[0], never)];
  values.push(7);
  bell.ring();
  assert.equal(await Promise.all(waits), [7, 7]);
});

test('a ring between the look and the wait is not lost', async () => {
  const bell = new Bell();
  const looks = [undefined, undefined, 'there'];
  const wait = untilAtMost(2000, bell, () => looks.shift());
  bell.ring();
  await Promise.resolve();
  await Promise.resolve();
  bell.ring();
  assert.is(await wait, 'there');
});

test('a wait ends with nothing when its signal aborts, and leaves nothing behind', async () => {
  const gone = new AbortController();
  const wait = until(new Bell(), () => undefined, gone.signal);
  gone.abort();
  assert.is(await wait, undefined);
});

test('what is there already is given at once, also with an aborted signal', async () => {
  assert.is(await until(new Bell(), () => 1, AbortSignal.abort()), 1);
});

test('a wait ends after its time', async () => {
  const started = performance.now();
  assert.is(await untilAtMost(20, new Bell(), () => undefined), undefined);
  assert.ok(performance.now() - started < 1000);
});

test.run();
