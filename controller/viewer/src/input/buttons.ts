import type { InputEvent } from '#contract/input';

export type Button = Extract<InputEvent, { t: 'button' }>['button'];

/** Bits of `MouseEvent.buttons` and the X buttons that they are. */
const BUTTONS: readonly (readonly [bit: number, button: Button])[] = [
  [1, 1],
  [4, 2],
  [2, 3],
  [8, 8],
  [16, 9],
];

/**
 * What went down and up between two values of `MouseEvent.buttons`. Pointer events tell a second button that goes down while
 * the first is held as a *move*, so changes are read from here and not from the kind of event.
 */
export function toButtonChanges(before: number, after: number): { button: Button; down: boolean }[] {
  return BUTTONS.filter(([bit]) => (before ^ after) & bit).map(([bit, button]) => ({ button, down: (after & bit) !== 0 }));
}
