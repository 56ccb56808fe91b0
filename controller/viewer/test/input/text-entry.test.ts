import type { InputEvent } from '#contract/input';
import { assert, suite } from '#test/suite';
import { TextEntry } from '../../src/input/text-entry.ts';

const test = suite('text entry');

/** As much of a text field as is used. */
class FakeField extends EventTarget {
  value = '';
  inputMode = 'none';

  say(type: 'compositionend' | 'input', fields: { data?: string; inputType?: string; isComposing?: boolean }): void {
    this.dispatchEvent(Object.assign(new Event(type), fields));
  }
}

function start() {
  const field = new FakeField();
  let typed = '';
  const send = ({ keysym, down }: Extract<InputEvent, { t: 'key' }>) => {
    if (down) typed += keysym === 0xff08 ? '⌫' : String.fromCodePoint(keysym >= 0x01000000 ? keysym - 0x01000000 : keysym);
  };
  const entry = new TextEntry(field as unknown as HTMLTextAreaElement, send);
  entry.attach(new AbortController().signal);
  return { field, entry, typed: () => typed };
}

const key = (key: string, more: Partial<KeyboardEvent> = {}) =>
  ({ key, isComposing: false, keyCode: 0, ctrlKey: false, altKey: false, metaKey: false, ...more }) as KeyboardEvent;

test('what an input method makes in the end is typed, once, and nothing of what it shows before', () => {
  const { field, typed } = start();
  field.say('input', { inputType: 'insertCompositionText', data: 'に', isComposing: true });
  field.say('input', { inputType: 'insertCompositionText', data: '日本', isComposing: true });
  field.say('compositionend', { data: '日本' });
  field.say('input', { inputType: 'insertFromComposition', data: '日本' });
  assert.equal([typed(), field.value], ['日本', '']);
});

test('what a key made in the field is typed; what was pasted or dropped there is not', () => {
  const { field, typed } = start();
  field.say('input', { inputType: 'insertText', data: 'é' });
  field.say('input', { inputType: 'insertFromPaste', data: 'secret' });
  assert.is(typed(), 'é');
});

test('a dead key and the printing key after it are the field’s, a key that prints nothing is not', () => {
  const { entry } = start();
  assert.ok(entry.takes(key('Dead')));
  assert.not(entry.takes(key('Shift')));
  assert.ok(entry.takes(key('a')));
  assert.not(entry.takes(key('a')));
  entry.takes(key('Dead'));
  assert.not(entry.takes(key('ArrowLeft')));
  assert.not(entry.takes(key('a')));
  entry.takes(key('Dead'));
  assert.not(entry.takes(key('c', { ctrlKey: true })));
});

test('keys that an input method has taken are not the desktop’s', () => {
  const { entry } = start();
  for (const event of [key('Process'), key('Compose'), key('a', { isComposing: true }), key('Enter', { keyCode: 229 })])
    assert.ok(entry.takes(event), event.key);
});

test('on-screen: what changes in the field is typed at once, corrections with Backspace, and there is always something to delete', () => {
  const { field, entry, typed } = start();
  entry.isOnScreen = true;
  assert.is(field.inputMode, 'text');
  const change = (value: string) => {
    field.value = value;
    field.say('input', { inputType: 'insertCompositionText', isComposing: true });
  };
  const before = field.value;
  change(`${before}helo`);
  change(`${before}hello`);
  field.say('compositionend', { data: 'hello' });
  assert.is(typed(), 'helo⌫lo');
  for (let times = 0; times < 30; times++) change(field.value.slice(0, -1));
  assert.is(typed(), `helo⌫lo${'⌫'.repeat(30)}`);
  entry.isOnScreen = false;
  assert.equal([field.inputMode, field.value], ['none', '']);
});

test.run();
