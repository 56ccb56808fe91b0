import type { InputEvent } from '#contract/input';
import { HeldKeys } from './held-keys.ts';
import { toKeysym } from './keysym.ts';

export type Platform = 'mac' | 'windows' | 'other';

/** The part of a KeyboardEvent that decides. */
export type KeyEvent = { key: string; code: string; location: number; metaKey: boolean; isComposing: boolean; timeStamp: number };

type KeyMessage = Extract<InputEvent, { t: 'key' }>;

const CONTROL_L = 0xffe3;
const ISO_LEVEL3_SHIFT = 0xfe03;

/** Windows sends AltGr as Control and Alt that follow each other faster than fingers do. */
const ALT_GR_MS = 50;

/**
 * From the browser's key events to key messages, with the quirks of each platform.
 * The quirks are noVNC's findings: https://github.com/novnc/noVNC/blob/v1.7.0/core/input/keyboard.js
 */
export class KeyStroke {
  readonly #platform: Platform;
  readonly #held = new HeldKeys();
  /** Windows: when a left Control went down that may be the first half of AltGr. */
  #controlAt: number | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  down(event: KeyEvent): KeyMessage[] {
    if (event.isComposing) return [];
    const altGr = this.#isAltGr(event);
    const before = altGr ? this.#forgetControl() : this.settle();
    if (this.#startsAltGr(event)) {
      this.#controlAt = event.timeStamp;
      return before;
    }
    const keysym = altGr ? ISO_LEVEL3_SHIFT : toKeysym(event);
    if (keysym === undefined) return before;
    const isBrief = event.code === '' || this.#losesRelease(event);
    return [...before, ...(isBrief ? this.#held.tap(event.code, keysym) : this.#held.press(event.code, keysym))];
  }

  up(event: KeyEvent): KeyMessage[] {
    return [...this.settle(), ...this.#held.release(event.code), ...this.#otherShift(event)];
  }

  /** True while a Control waits for the Alt that would make it AltGr: call `settle` after ALT_GR_MS. */
  get isUnsettled(): boolean {
    return this.#controlAt !== undefined;
  }

  /** The Control that waited was a Control. */
  settle(): KeyMessage[] {
    if (this.#controlAt === undefined) return [];
    this.#controlAt = undefined;
    return this.#held.press('ControlLeft', CONTROL_L);
  }

  /** Everything was let go at the other end. */
  forgetAll(): void {
    this.#controlAt = undefined;
    this.#held.forgetAll();
  }

  #isAltGr({ code, timeStamp }: KeyEvent): boolean {
    return this.#controlAt !== undefined && code === 'AltRight' && timeStamp - this.#controlAt < ALT_GR_MS;
  }

  #startsAltGr({ code }: KeyEvent): boolean {
    return this.#platform === 'windows' && code === 'ControlLeft' && !this.#held.has('ControlLeft');
  }

  #forgetControl(): KeyMessage[] {
    this.#controlAt = undefined;
    return [];
  }

  /** macOS tells no release of a key that goes up while ⌘ is down, Windows none of some Japanese keys. */
  #losesRelease({ key, code, metaKey }: KeyEvent): boolean {
    if (this.#platform === 'mac') return metaKey && !code.startsWith('Meta');
    return (
      this.#platform === 'windows' &&
      ['ZenkakuHankaku', 'Zenkaku', 'Hankaku', 'Alphanumeric', 'Katakana', 'Hiragana', 'Romaji'].includes(key)
    );
  }

  /** Windows tells only the last of two Shift keys that go up. */
  #otherShift({ code }: KeyEvent): KeyMessage[] {
    if (this.#platform !== 'windows' || !/^Shift(Left|Right)$/.test(code)) return [];
    return [...this.#held.release('ShiftLeft'), ...this.#held.release('ShiftRight')];
  }
}

export { ALT_GR_MS };
