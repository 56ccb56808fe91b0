import { suite, assert } from '#test/suite';
import { ConsoleTail } from '../../src/sessions/console-tail.ts';

const test = suite('console tail');

function toTail(...lines: string[]): ConsoleTail {
  const tail = new ConsoleTail();
  for (const line of lines) tail.add(line);
  return tail;
}

test('a reader is given what comes after the line that it has', () => {
  const tail = toTail('one', 'two', '', 'four');
  assert.equal(tail.read(0), { lines: ['one', 'two', '', 'four'], last: 4, dropped: 0 });
  assert.equal(tail.read(2), { lines: ['', 'four'], last: 4, dropped: 0 });
  assert.is(tail.read(4), undefined);
  assert.is(toTail().read(0), undefined);
});

test('the oldest lines go: when they are many, and when they are long', () => {
  const many = toTail(...Array.from({ length: 2_500 }, (_, index) => `line ${index + 1}`));
  assert.equal([many.lines.length, many.lines[0], many.last], [1_000, 'line 1501', 2_500]);
  const long = toTail(...Array.from({ length: 100 }, () => 'x'.repeat(8_192)));
  assert.is(long.lines.length, 32);
});

test('a reader that was too slow is told how many lines it has lost', () => {
  const tail = toTail(...Array.from({ length: 1_500 }, (_, index) => `line ${index + 1}`));
  const { lines, dropped } = tail.read(100)!;
  assert.equal([dropped, lines[0]], [400, 'line 501']);
});

test('a reader gets so much at a time, and all of it in the end', () => {
  const tail = toTail(...Array.from({ length: 25 }, (_, index) => `${index} `.padEnd(8_192, 'x')));
  const pieces = [];
  for (let after = 0; tail.read(after); after = pieces.at(-1)!.last) pieces.push(tail.read(after)!);
  assert.equal(
    pieces.map(({ lines }) => lines.length),
    [8, 8, 8, 1],
  );
  assert.equal(
    pieces.flatMap(({ lines }) => lines.map((line) => Number.parseInt(line))),
    [...Array(25).keys()],
  );
});

test.run();
