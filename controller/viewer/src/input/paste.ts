import type { InputEvent } from '#contract/input';

type PasteMessage = Extract<InputEvent, { t: 'paste' }>;

/** The contract's: of that only types come here. */
const PIECE = 150;
const MAX = 2 ** 20;

/** A text as messages. Control characters that no keyboard has are left out, and what is too long is none. */
export function toPasteMessages(text: string): PasteMessage[] {
  const plain = text.replace(/\r\n?/g, '\n').replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '');
  if (plain === '' || plain.length > MAX) return [];
  const count = Math.ceil(plain.length / PIECE);
  return Array.from({ length: count }, (_, index) => ({
    t: 'paste',
    text: plain.slice(index * PIECE, (index + 1) * PIECE),
    more: index < count - 1,
  }));
}

/** Keys on which browsers paste: the page gets them, so that it is told what is to be pasted. */
export function isPasteKey({ code, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  if (altKey) return false;
  return (code === 'KeyV' && (ctrlKey || metaKey)) || (code === 'Insert' && shiftKey && !ctrlKey && !metaKey);
}
