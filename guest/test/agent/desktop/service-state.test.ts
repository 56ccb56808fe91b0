import { assert, suite } from '#test/suite';
import { parseEnding, parseSvstat, toEndingReason } from '../../../src/agent/desktop/service-state.ts';

const test = suite('service state');

test('a service is down, starting or ready', () => {
  assert.is(parseSvstat('true true\n'), 'ready');
  assert.is(parseSvstat('true false\n'), 'starting');
  assert.is(parseSvstat('false false\n'), 'down');
  assert.is(parseSvstat(''), 'down');
});

test('how it ended is read from what the finish script left', () => {
  assert.equal(parseEnding('3 2 1 0\nxorg: no screens found\n'), { count: 3, code: 1, signal: 0, lastLine: 'xorg: no screens found' });
  assert.equal(parseEnding('1 1 256 9\n\n'), { count: 1, code: 256, signal: 9, lastLine: '' });
  assert.is(parseEnding(''), undefined);
  assert.is(parseEnding('1 1'), undefined);
});

test('the reason is the exit code or the signal, and the last line', () => {
  assert.is(toEndingReason({ count: 1, code: 1, signal: 0, lastLine: 'no screens found' }), 'exit code 1: no screens found');
  assert.is(toEndingReason({ count: 1, code: 256, signal: 9, lastLine: '' }), 'signal 9');
  assert.is(toEndingReason({ count: 1, code: 1, signal: 0, lastLine: 'x'.repeat(9000) }).length, 500);
});

test.run();
