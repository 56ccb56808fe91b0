import type { InputEvent } from '#contract/input';
import { toEdit, toTyped } from './typed.ts';

type KeyMessage = Extract<InputEvent, { t: 'key' }>;

/** The part of a KeyboardEvent that tells whether an input method has it. */
type Key = Pick<KeyboardEvent, 'key' | 'isComposing' | 'keyCode' | 'ctrlKey' | 'altKey' | 'metaKey'>;

/** `keyCode` of a key that an input method took: Safari tells by nothing else. https://w3c.github.io/uievents/#determine-keydown-keyup-keyCode */
const TAKEN = 229;

/** So that an on-screen keyboard's Backspace always finds something to delete, and tells of it. */
const PADDING = ' '.repeat(8);

/**
 * The text field behind the desktop that has the keys. An input method, a dead key or Compose needs one to work at all; what comes
 * out of them is typed on the desktop. Keys that are the desktop's own never get here: their default is prevented.
 *
 *   keyboard    what is being composed stays in the field until it is done
 *   on-screen   each change of the field is typed at once, corrections with Backspace
 */
export class TextEntry {
  readonly #field: HTMLTextAreaElement;
  readonly #send: (message: KeyMessage) => void;
  #isAfterDead = false;
  #isOnScreen = false;

  constructor(field: HTMLTextAreaElement, send: (message: KeyMessage) => void) {
    this.#field = field;
    this.#send = send;
  }

  attach(signal: AbortSignal): void {
    this.#field.addEventListener('compositionend', ({ data }) => this.#isOnScreen || this.#type(data), { signal });
    this.#field.addEventListener('input', (event) => this.#onInput(event as globalThis.InputEvent), { signal });
    this.#clear();
  }

  get isOnScreen(): boolean {
    return this.#isOnScreen;
  }

  /** Whether touching the desktop brings the on-screen keyboard up. */
  set isOnScreen(isOnScreen: boolean) {
    this.#isOnScreen = isOnScreen;
    this.#field.inputMode = isOnScreen ? 'text' : 'none';
    this.#clear();
  }

  /** Whether this key works on the field, and not on the desktop. Dead keys tell nothing of the character: on some systems the key after one does not, either. */
  takes(event: Key): boolean {
    const isOwn = event.isComposing || event.keyCode === TAKEN || ['Dead', 'Process', 'Compose'].includes(event.key);
    const prints = [...event.key].length === 1 && !(event.ctrlKey && !event.altKey) && !event.metaKey;
    const isComposed = this.#isAfterDead && prints;
    if (event.key === 'Dead') this.#isAfterDead = true;
    else if (!/^(Shift|AltGraph|Control|Alt|CapsLock)$/.test(event.key)) this.#isAfterDead = false;
    return isOwn || isComposed;
  }

  forgetAll(): void {
    this.#isAfterDead = false;
    this.#clear();
  }

  #onInput({ inputType, data, isComposing }: globalThis.InputEvent): void {
    if (this.#isOnScreen) return this.#typeChange();
    if (isComposing || inputType === 'insertCompositionText' || inputType === 'insertFromComposition') return;
    this.#type(inputType === 'insertText' ? data : '');
  }

  #type(text: string | null): void {
    toTyped(text ?? '').forEach(this.#send);
    this.#clear();
  }

  #before = '';

  #typeChange(): void {
    toEdit(this.#before, this.#field.value).forEach(this.#send);
    this.#before = this.#field.value;
    if (this.#before.length < PADDING.length / 2) this.#clear();
  }

  #clear(): void {
    this.#before = this.#isOnScreen ? PADDING : '';
    if (this.#field.value !== this.#before) this.#field.value = this.#before;
  }
}
