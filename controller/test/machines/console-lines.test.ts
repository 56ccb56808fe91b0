import { suite, assert } from '#test/suite';
import { ConsoleLines } from '../../src/machines/console-lines.ts';

const test = suite('machines: console lines');

function read(...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const reader = new ConsoleLines((line) => lines.push(line));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return lines;
}

const at = '2026-11-20T18:59:16.096233761+00:00';

test("the shim's time, stream and tag are taken off, an empty line stays one", () => {
  assert.equal(read(`${at} stdout F xorg: up\n${at} stderr F \n`), ['xorg: up', '']);
});

test('parts of a long line are put together, streams kept apart', () => {
  assert.equal(read(`${at} stdout P one \n${at} stderr F other\n${at} stdout P two \n${at} stdout F three\n`), ['other', 'one two three']);
});

test('plain lines of a serial console are taken as they are', () => {
  assert.equal(read('Linux version 6.12\r\noriel: fatal: config: /token is missing\n'), [
    'Linux version 6.12',
    'oriel: fatal: config: /token is missing',
  ]);
});

test('pieces may be cut anywhere, in the middle of a character, too', () => {
  const bytes = Buffer.from(`${at} stdout F äöü€\n${at} stdout F end\n`);
  for (let cut = 1; cut < bytes.length; cut++) assert.equal(read(bytes.subarray(0, cut), bytes.subarray(cut)), ['äöü€', 'end']);
});

test('what has no end of line yet is told at the end', () => {
  assert.equal(read('half a li', 'ne'), ['half a line']);
  assert.equal(read(`${at} stdout P never ended\n`), ['never ended']);
});

test('a line without end is cut, and takes no more memory for going on', () => {
  const [line] = read(...Array.from({ length: 100 }, () => 'x'.repeat(65_536)), '\nnext\n');
  assert.is(line!.length, 8_193);
  const parts = Array.from({ length: 1000 }, () => `${at} stdout P ${'y'.repeat(1000)}\n`);
  assert.is(read(...parts, `${at} stdout F z\n`)[0]!.length, 8_193);
});

test.run();
