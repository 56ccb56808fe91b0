import { NAME_MAX, NUDGE_MAX, PASTE_PIECE, type ControlRequest, type InputEvent, type PointerMove } from '#contract/input';

/** Longest message that a viewer has reason to send, in characters. */
const MESSAGE_MAX = 256;
/** The same of a piece of text, each of whose characters may be two in JSON. */
const PASTE_MESSAGE_MAX = MESSAGE_MAX + PASTE_PIECE;
const COORDINATE_MAX = 65535;
/** More clicks of the wheel in one message than a hand can make. */
const WHEEL_MAX = 20;
const BUTTONS: readonly unknown[] = [1, 2, 3, 8, 9];

/** The event in a message, or undefined when it fits no shape: the caller drops and counts it. */
export function parseMove(data: unknown): PointerMove | undefined {
  const { t, x, y, n } = parse(data);
  return t === 'move' && isPlace(x) && isPlace(y) && isCount(n) ? { t, x, y, n } : undefined;
}

export function parseInput(data: unknown): InputEvent | undefined {
  const message = parse(data, PASTE_MESSAGE_MAX);
  const { t, x, y, dx, dy, button, keysym, down, text, more } = message;
  if (t === 'paste') return isPiece(text) && isBoolean(more) ? { t, text, more } : undefined;
  if (String(data).length > MESSAGE_MAX) return undefined;
  if (t === 'release') return { t };
  if (t === 'key') return isKeysym(keysym) && isBoolean(down) ? { t, keysym, down } : undefined;
  if (t === 'nudge') return isWithin(dx, NUDGE_MAX) && isWithin(dy, NUDGE_MAX) ? { t, dx, dy } : undefined;
  const place = toPlace(x, y);
  if (!place) return undefined;
  if (t === 'button') return isButton(button) && isBoolean(down) ? { t, button, down, ...place } : undefined;
  if (t === 'wheel') return isWithin(dx, WHEEL_MAX) && isWithin(dy, WHEEL_MAX) ? { t, dx, dy, ...place } : undefined;
  return undefined;
}

export function parseControl(data: unknown): ControlRequest | undefined {
  const message = parse(data);
  const { t, at, width, height, name, on } = message;
  if (t === 'keyframe') return { t };
  if (t === 'sound') return isBoolean(on) ? { t, on } : undefined;
  if (t === 'name') return isName(name) ? { t, name } : undefined;
  if (t === 'turn') return toTurn(message);
  if (t === 'size') return isLength(width) && isLength(height) ? { t, width, height } : undefined;
  return t === 'ping' && typeof at === 'number' && Number.isFinite(at) ? { t, at } : undefined;
}

function toTurn({ do: what, to }: Record<string, unknown>): ControlRequest | undefined {
  if (what === 'ask' || what === 'release') return { t: 'turn', do: what };
  return (what === 'give' || what === 'refuse') && isCount(to) ? { t: 'turn', do: what, to } : undefined;
}

function parse(data: unknown, max = MESSAGE_MAX): Record<string, unknown> {
  if (typeof data !== 'string' || data.length > max) return {};
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Latin-1 and named keys, or Unicode. Vendor keys (XF86PowerOff) are not for viewers. */
function isKeysym(value: unknown): value is number {
  return isCount(value) && ((value >= 0x20 && value <= 0xffff) || (value >= 0x01000100 && value <= 0x0110ffff));
}

/** Of what can be read, and seen: no line breaks, nothing that turns the others' texts around. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= NAME_MAX && value.trim() !== '' && !/[\p{C}\p{Zl}\p{Zp}]/u.test(value);
}

function isPiece(value: unknown): value is string {
  return typeof value === 'string' && value.length <= PASTE_PIECE;
}

function isPlace(value: unknown): value is number {
  return isCount(value) && value <= COORDINATE_MAX;
}

function isLength(value: unknown): value is number {
  return isPlace(value) && value > 0;
}

/** Where something is done; nothing in it: where the pointer is. Undefined: it is no place. */
function toPlace(x: unknown, y: unknown): { x?: number; y?: number } | undefined {
  if (x === undefined && y === undefined) return {};
  return isPlace(x) && isPlace(y) ? { x, y } : undefined;
}

function isWithin(value: unknown, most: number): value is number {
  return Number.isInteger(value) && Math.abs(value as number) <= most;
}

function isButton(value: unknown): value is 1 | 2 | 3 | 8 | 9 {
  return BUTTONS.includes(value);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
