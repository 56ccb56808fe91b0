import { spawnSync } from 'node:child_process';
import { assert, suite } from '#test/suite';
import { toMessages } from '../../src/login/protocol.ts';
import { toShellWords } from '../../src/login/shell-words.ts';
import { joinBroken, TerminalText, toPlain } from '../../src/login/terminal-text.ts';

const test = suite('terminal text');

test('colours, cursor moves, links and titles are left out', () => {
  assert.is(
    toPlain('\x1b[1;31mred\x1b[0m \x1b]8;;https://a.example\x1b\\link\x1b]8;;\x07 \x1b]0;title\x07a\rb\x1b(B\x1b[?25l'),
    'red link ab',
  );
});

test('an address is found, also in pieces and broken at the edge of the terminal', () => {
  const url = `https://a.example/oauth/authorize?${'x'.repeat(100)}`;
  const text = new TerminalText();
  for (const piece of ['Open \x1b[4m', url.slice(0, 10), url.slice(10), '\x1b[0m now\n']) text.add(piece);
  assert.is(text.findUrl('https://a\\.example/\\S+', 60), url);
  const broken = new TerminalText();
  broken.add(`${url.slice(0, 60)}\r\n${url.slice(60, 120)}\r\n${url.slice(120)}\r\nPaste the code\r\n`);
  assert.is(broken.findUrl('https://a\\.example/\\S+', 60), url);
  assert.is(broken.findUrl('https://b\\.example/\\S+', 60), undefined);
  const whole = new TerminalText();
  whole.add(`${url}\r\nPaste the code: `);
  assert.is(whole.findUrl('https://a\\.example/\\S+', 60), url, 'one line, which the terminal itself breaks');
  assert.is(joinBroken('short\nlines\n', 60), 'short\nlines\n');
});

test('the last lines are those that say something, of as much as is kept', () => {
  const text = new TerminalText();
  text.add('x'.repeat(100_000));
  text.add('\none\n\n  \ntwo \n');
  assert.equal(text.lastLines(2), ['one', 'two']);
  assert.ok(text.text.length < 20_000);
});

test('sh reads words back as they were', () => {
  const argv = ['printf', '%s\\n', "it's", 'a b', '$HOME', '`id`', '', '"', '\n', 'ü'];
  const { stdout } = spawnSync('sh', ['-c', toShellWords(argv)], { encoding: 'utf8' });
  assert.is(
    stdout,
    argv
      .slice(2)
      .map((word) => `${word}\n`)
      .join(''),
  );
});

test('messages come out whole, however they are cut; what is none is dropped', () => {
  const got: unknown[] = [];
  const feed = toMessages((message) => got.push(message));
  for (const piece of ['{"t":"sta', 'rted"}\n7\nnonsense\n{"t":', '"wiped"}\n']) feed(piece);
  assert.equal(got, [{ t: 'started' }, { t: 'wiped' }]);
});

test.run();
