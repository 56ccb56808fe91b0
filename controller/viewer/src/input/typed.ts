import type { InputEvent, Keysym } from '#contract/input';
import { toUnicodeKeysym } from './keysym.ts';

type KeyMessage = Extract<InputEvent, { t: 'key' }>;

const BACKSPACE = 0xff08;
const RETURN = 0xff0d;

/** A text as key presses, one after the other. What no key gives is left out. */
export function toTyped(text: string): KeyMessage[] {
  return [...text.replace(/\r\n?/g, '\n')].flatMap((character) => tap(character === '\n' ? RETURN : toUnicodeKeysym(character)));
}

/** What is to be typed at the end of `before` to make it `after`: an on-screen keyboard corrects words that are there already. */
export function toEdit(before: string, after: string): KeyMessage[] {
  const [old, new_] = [[...before], [...after]];
  let same = 0;
  while (same < old.length && old[same] === new_[same]) same += 1;
  return [...old.slice(same).flatMap(() => tap(BACKSPACE)), ...toTyped(new_.slice(same).join(''))];
}

function tap(keysym: Keysym | undefined): KeyMessage[] {
  if (keysym === undefined) return [];
  return [
    { t: 'key', keysym, down: true },
    { t: 'key', keysym, down: false },
  ];
}
