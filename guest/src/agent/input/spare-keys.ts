import { PRELOADED, type SpareKey } from './keymap.ts';
import { SPARE_KEYCODES } from './us-keys.ts';

/**
 * How long a spare key keeps its key sym after its last use. A program asks X what a key means when it handles the press,
 * not when it was pressed: it must still find the same answer.
 */
export const SETTLED_MS = 500;

interface Slot extends SpareKey {
  usedAt: number;
}

/** Puts key syms that the keyboard lacks on its spare keys, the longest unused one first. */
export class SpareKeys {
  #slots: Slot[] = SPARE_KEYCODES.map((keycode) => ({ keycode, keysym: 0, usedAt: -Infinity }));

  constructor() {
    for (const { keycode, keysym } of PRELOADED) this.#at(keycode).keysym = keysym;
  }

  /** The key code that types it now, if there is one. */
  find(keysym: number, now: number): number | undefined {
    const slot = this.#slots.find((one) => one.keysym === keysym);
    if (slot) slot.usedAt = now;
    return slot?.keycode;
  }

  /** A key for it (the caller makes X know) and how long to wait before it may be taken from what it was. Undefined when all are held. */
  assign(keysym: number, now: number, isHeld: (keycode: number) => boolean): (SpareKey & { waitMs: number }) | undefined {
    const free = this.#slots.filter(({ keycode }) => !isHeld(keycode));
    if (free.length === 0) return undefined;
    const slot = free.reduce((oldest, one) => (rank(one) < rank(oldest) ? one : oldest));
    const waitMs = Math.max(0, slot.usedAt + SETTLED_MS - now);
    slot.keysym = keysym;
    slot.usedAt = now + waitMs;
    return { keycode: slot.keycode, keysym, waitMs };
  }

  /** Keys for as many of these as can have one at once. */
  reserve(keysyms: readonly number[], now: number, isHeld: (keycode: number) => boolean): SpareKey[] {
    const lacking = keysyms.filter((keysym) => this.find(keysym, now) === undefined);
    const free = this.#slots.filter((slot) => !isHeld(slot.keycode) && slot.usedAt + SETTLED_MS <= now).sort((a, b) => rank(a) - rank(b));
    return lacking.slice(0, free.length).map((keysym, index) => Object.assign(free[index]!, { keysym, usedAt: now }));
  }

  #at(keycode: number): Slot {
    return this.#slots.find((slot) => slot.keycode === keycode)!;
  }
}

/** Empty ones first, then by their last use. */
function rank({ keysym, usedAt }: Slot): number {
  return keysym === 0 ? -Number.MAX_VALUE : Math.max(usedAt, -1);
}
