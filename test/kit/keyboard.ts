import type { CDPSession } from 'playwright-core';

/** A US key: its code, and the characters that it gives plain and with Shift. */
const ROWS: [string[], string, string][] = [
  [['Backquote', ...digits(), 'Minus', 'Equal'], '`1234567890-=', '~!@#$%^&*()_+'],
  [[...letters('qwertyuiop'), 'BracketLeft', 'BracketRight', 'Backslash'], 'qwertyuiop[]\\', 'QWERTYUIOP{}|'],
  [[...letters('asdfghjkl'), 'Semicolon', 'Quote'], "asdfghjkl;'", 'ASDFGHJKL:"'],
  [[...letters('zxcvbnm'), 'Comma', 'Period', 'Slash'], 'zxcvbnm,./', 'ZXCVBNM<>?'],
  [['Space'], ' ', ' '],
];

const KEYS = new Map<string, { code: string; shift: boolean }>();
for (const [codes, plain, shifted] of ROWS)
  codes.forEach((code, index) => {
    KEYS.set(shifted[index]!, { code, shift: true });
    KEYS.set(plain[index]!, { code, shift: false });
  });

/** Types text by real key events, one press and release a character, Shift held where a US keyboard needs it. */
export async function typeText(cdp: CDPSession, text: string): Promise<void> {
  for (const character of text) {
    if (character === '\n') await pressKey(cdp, 'Enter', 'Enter', '\r');
    else await typeCharacter(cdp, character);
  }
}

/** Characters of no US key come as a key of another layout would send them: `key` is the character. */
async function typeCharacter(cdp: CDPSession, character: string): Promise<void> {
  const { code, shift } = KEYS.get(character) ?? { code: 'BracketLeft', shift: false };
  const modifiers = shift ? 8 : 0;
  if (shift) await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Shift', code: 'ShiftLeft', modifiers });
  await pressKey(cdp, character, code, character, modifiers);
  if (shift) await cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', key: 'Shift', code: 'ShiftLeft' });
}

export async function pressKey(cdp: CDPSession, key: string, code: string, text?: string, modifiers = 0): Promise<void> {
  await cdp.send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', key, code, modifiers, ...(text ? { text } : {}) });
  await cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code, modifiers });
}

function letters(row: string): string[] {
  return [...row].map((letter) => `Key${letter.toUpperCase()}`);
}

function digits(): string[] {
  return [...'1234567890'].map((digit) => `Digit${digit}`);
}
