import type { Keysym } from '#contract/input';
import { F1_KEYSYM, NAMED_KEYSYMS } from './keysym-table.ts';

/** What of a KeyboardEvent says which key it is. */
export type KeyName = { key: string; location: number };

/**
 * The X keysym of a key as the browser names it, or undefined when the desktop gets nothing: dead keys (the composed character
 * comes with the next key), input method in progress, lock keys, names that we do not know.
 */
export function toKeysym({ key, location }: KeyName): Keysym | undefined {
  const named = NAMED_KEYSYMS[key];
  if (named !== undefined) return (typeof named === 'number' ? named : named[location]) || undefined;
  const functionKey = /^F([1-9]|[12]\d|3[0-5])$/.exec(key);
  if (functionKey) return F1_KEYSYM + Number(functionKey[1]) - 1;
  return toUnicodeKeysym(key);
}

/**
 * The keysym of one character. Digits of the numeric pad are plain digits on purpose: KP_1 and its like sit on the pad's second
 * level in X, and whoever types them must press Num Lock.
 */
export function toUnicodeKeysym(text: string): Keysym | undefined {
  const codePoint = text.codePointAt(0);
  if (codePoint === undefined || String.fromCodePoint(codePoint) !== text) return undefined;
  const isLatin1 = (codePoint >= 0x20 && codePoint <= 0x7e) || (codePoint >= 0xa0 && codePoint <= 0xff);
  if (isLatin1) return codePoint;
  return codePoint > 0xff ? 0x01000000 + codePoint : undefined;
}
