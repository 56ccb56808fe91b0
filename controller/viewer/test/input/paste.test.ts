import { PASTE_MAX, PASTE_PIECE } from '#contract/input';
import { assert, suite } from '#test/suite';
import { parseInput } from '../../../../guest/src/agent/input/message.ts';
import { isPasteKey, toPasteMessages } from '../../src/input/paste.ts';

const test = suite('paste');
const join = (text: string) =>
  toPasteMessages(text)
    .map((message) => message.text)
    .join('');

test('a text goes in pieces that the guest takes, and comes out whole', () => {
  for (const text of ['a', 'x'.repeat(PASTE_PIECE), '"\\'.repeat(200), '漢字 € 👍'.repeat(99), 'code#state\n', '\t']) {
    const messages = toPasteMessages(text);
    assert.is(join(text), text);
    assert.equal(
      messages.map(({ more }) => more),
      messages.map((_, index) => index < messages.length - 1),
    );
    for (const message of messages) {
      const sent = JSON.stringify(message);
      assert.equal(parseInput(sent), message);
      assert.ok(Buffer.byteLength(sent) <= 1024, 'one message of the data channel');
    }
  }
});

test('line ends are the desktop’s, control characters are left out, and too much is nothing', () => {
  assert.is(join('a\r\nb\rc\x1b[0md\x00'), 'a\nb\nc[0md');
  assert.equal(toPasteMessages(''), []);
  assert.equal(toPasteMessages('x'.repeat(PASTE_MAX + 1)), []);
});

test('keys on which browsers paste are those', () => {
  const key = (code: string, held: string) =>
    ({
      code,
      ctrlKey: held.includes('c'),
      shiftKey: held.includes('s'),
      altKey: held.includes('a'),
      metaKey: held.includes('m'),
    }) as KeyboardEvent;
  const pasting = [key('KeyV', 'c'), key('KeyV', 'cs'), key('KeyV', 'm'), key('Insert', 's')];
  const others = [key('KeyV', ''), key('KeyV', 's'), key('KeyV', 'ca'), key('KeyC', 'c'), key('Insert', ''), key('Insert', 'c')];
  assert.equal([...pasting, ...others].map(isPasteKey), [...pasting.map(() => true), ...others.map(() => false)]);
});

test.run();
