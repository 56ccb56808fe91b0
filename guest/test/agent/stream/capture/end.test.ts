import { assert, suite } from '#test/suite';
import { toEnd } from '../../../../src/agent/stream/capture/end.ts';

const test = suite('end of a capture');

test("the program's codes have names, and its last line is told", () => {
  const line = 'oriel-capture: cannot open display :7';
  assert.equal(toEnd(10, null, line, false), { reason: 'display-closed', message: line });
  for (const [code, reason] of [
    [11, 'display-unsupported'],
    [12, 'display-gone'],
    [13, 'encoder'],
    [14, 'system'],
    [1, 'crashed'],
  ] as const)
    assert.is(toEnd(code, null, '', false).reason, reason);
});

test('what was killed says by what', () => {
  assert.equal(toEnd(null, 'SIGSEGV', '', false), { reason: 'crashed', message: 'oriel-capture ended with SIGSEGV' });
});

test('an end that was asked for is no failure, however it came', () => {
  for (const [code, signal] of [
    [0, null],
    [null, 'SIGKILL'],
    [12, null],
  ] as const)
    assert.is(toEnd(code, signal, '', true).reason, 'stopped');
});

test.run();
