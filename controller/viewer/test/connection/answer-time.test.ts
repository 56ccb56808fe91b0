import { assert, suite } from '#test/suite';
import { AnswerTime } from '../../src/connection/answer-time.ts';

const test = suite('answer time');

test('on a still desktop the first picture after a press is its answer', () => {
  const times = new AnswerTime();
  assert.is(times.medianMs, undefined);
  times.press(1000);
  times.show(1048);
  times.show(1100);
  assert.is(times.medianMs, 48);
});

test('a desktop that moves by itself answers nothing', () => {
  const times = new AnswerTime();
  for (let now = 0; now < 1000; now += 33) {
    times.show(now);
    times.press(now + 10);
  }
  assert.is(times.medianMs, undefined);
});

test('of a press and its letting go, and of keys in haste, the first counts', () => {
  const times = new AnswerTime();
  times.press(1000);
  times.press(1030);
  times.show(1060);
  assert.is(times.medianMs, 60);
});

test('a press without an answer is none, and the next one counts from itself', () => {
  const times = new AnswerTime();
  times.press(1000);
  times.press(9000);
  times.show(9040);
  assert.is(times.medianMs, 40);
  times.press(20_000);
  times.show(23_000);
  assert.is(times.medianMs, 40, 'three seconds later something else has moved');
});

test('it is the median of the newest twenty, and nothing of a connection before', () => {
  const times = new AnswerTime();
  for (let index = 0; index < 30; index++) {
    times.press(index * 1000);
    times.show(index * 1000 + (index < 10 ? 900 : 50));
  }
  assert.is(times.medianMs, 50);
  times.forget();
  assert.is(times.medianMs, undefined);
});

test.run();
