import { assert, suite } from '#test/suite';
import { Timeline } from '../src/timeline.ts';

const test = suite('timeline');

test('a picture is owed from the first answer on', () => {
  const timeline = new Timeline();
  assert.is(timeline.blankMs(500), 0);
  timeline.connects(1000);
  timeline.answers(1400);
  timeline.answers(7000);
  assert.is(timeline.blankMs(9400), 8000);
  assert.equal([timeline.connectingAt, timeline.answeredAt], [1000, 1400]);
});

test('an offer without an answer is waited for two seconds, then a picture is owed', () => {
  const timeline = new Timeline();
  timeline.connects(1000);
  assert.is(timeline.blankMs(2999), 0);
  assert.is(timeline.blankMs(11_000), 8000);
});

test('a picture that was lost is owed from its last sign of life on', () => {
  const timeline = new Timeline();
  timeline.connects(0);
  timeline.answers(100);
  timeline.shows();
  assert.is(timeline.blankMs(60_000), 0);
  timeline.loses(62_000, 'silent', true, 2000);
  timeline.answers(62_300);
  timeline.loses(69_000, 'no_route', false, 0);
  assert.is(timeline.blankMs(70_000), 10_000);
  assert.is(timeline.loss, 'no_route');
});

test.run();
