import type { InputEvent } from '#contract/input';
import { HeldKeys } from './held-keys.ts';
import { toKeysym } from './keysym.ts';

export type Platform = 'mac' | 'windows' | 'other';

/** The part of a KeyboardEvent that decides. */
export type KeyEvent = Pick<
  KeyboardEvent,
  'key' | 'code' | 'location' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey' | 'isComposing' | 'timeStamp'
>;

type KeyMessage = Extract<InputEvent, { t: 'key' }>;

const CONTROL_L = 0xffe3;
const CONTROL_R = 0xffe4;
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
    const before = [...(altGr ? this.#forgetControl() : this.settle()), ...this.#letGoUntold(event)];
    if (this.#startsAltGr(event)) {
      this.#controlAt = event.timeStamp;
      return before;
    }
    const keysym = altGr ? ISO_LEVEL3_SHIFT : this.#toKeysym(event);
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

  /** On a Mac the shortcuts of the desktop's programs are under ⌘, and ⌥ chooses a character, which the browser tells. */
  #toKeysym(event: KeyEvent): number | undefined {
    if (this.#platform === 'mac' && event.key === 'Meta') return event.location === 2 ? CONTROL_R : CONTROL_L;
    if (this.#platform === 'mac' && event.key === 'Alt') return ISO_LEVEL3_SHIFT;
    return toKeysym(event);
  }

  /** Modifiers whose release went elsewhere (another window took the keys for a moment): the next key tells that they are up. */
  #letGoUntold(event: KeyEvent): KeyMessage[] {
    // Not the right Alt: where it is AltGr, `altKey` says nothing of it.
    const isDown = {
      ShiftLeft: event.shiftKey,
      ShiftRight: event.shiftKey,
      AltLeft: event.altKey,
      ControlLeft: event.ctrlKey,
      ControlRight: event.ctrlKey,
      MetaLeft: event.metaKey,
      MetaRight: event.metaKey,
    };
    const up = Object.entries(isDown).filter(([code, down]) => !down && event.code.slice(0, 4) !== code.slice(0, 4));
    return up.flatMap(([code]) => this.#held.release(code));
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
