/*
 * Words for one long-lived `xdotool -`: one line, one command chain. Only numbers that were checked get in here.
 * xdotool's own `key`, `type` and `click` are of no use: they wait (12 to 100 ms each) and put unknown key syms on a key for the
 * time of one press only, which is over before the program asks what the key means.
 */

/** Buttons as in X; 4 to 7 are the wheel's. */
export type Button = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

export interface Size {
  width: number;
  height: number;
}

/** The pointer goes there; a place beyond the desktop's edge is the edge. */
export function moveTo(x: number, y: number, { width, height }: Size): string {
  return `mousemove ${clamp(x, width)} ${clamp(y, height)}`;
}

/** The pointer goes so far, right and down positive; not beyond the desktop's edge. */
export function moveBy(dx: number, dy: number): string {
  return `mousemove_relative -- ${dx} ${dy}`;
}

export function buttonDown(button: Button): string {
  return `mousedown ${button}`;
}

export function buttonUp(button: Button): string {
  return `mouseup ${button}`;
}

/** Whole clicks of a wheel, down and right positive. */
export function turnWheel(dx: number, dy: number): string[] {
  return [...clicks(dy, dy > 0 ? 5 : 4), ...clicks(dx, dx > 0 ? 7 : 6)];
}

export function keyDown(keycode: number): string {
  return `keydown --delay 0 ${toKeyWord(keycode)}`;
}

export function keyUp(keycode: number): string {
  return `keyup --delay 0 ${toKeyWord(keycode)}`;
}

/** To xdotool "9" is the key that types 9, and "09" is key code 9. */
function toKeyWord(keycode: number): string {
  return String(keycode).padStart(2, '0');
}

function clicks(count: number, button: Button): string[] {
  return Array.from({ length: Math.abs(count) }, () => [buttonDown(button), buttonUp(button)]).flat();
}

function clamp(value: number, size: number): number {
  return Math.max(0, Math.min(size - 1, value));
}
