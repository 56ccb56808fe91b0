import { assert, suite } from '#test/suite';
import { createLog, toReason } from '../../src/agent/log.ts';

const test = suite('agent log');

test('an event is one line: level where it is not info, phrase, fields', () => {
  const lines: string[] = [];
  const log = createLog((line) => lines.push(line));
  log.info({ peer: 'p1', ms: 12 }, 'peer connected');
  log.warn({ reason: 'two\nlines' }, 'peer closed');
  assert.equal(lines, ['peer connected peer=p1 ms=12\n', 'warn: peer closed reason="two\\nlines"\n']);
});

test('an error is told with its causes', () => {
  assert.is(toReason(new Error('hello failed', { cause: new Error('connect ECONNREFUSED') })), 'hello failed: connect ECONNREFUSED');
  assert.is(toReason('text'), 'text');
});

test.run();
