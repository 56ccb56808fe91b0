import type { ClipboardPolicy } from '#contract/clipboard-policy';
import { build, setText } from '../shell.ts';
import { STRINGS } from '../strings.ts';
import type { Copied } from './copied.ts';

const WORDS = STRINGS.clipboard;

export type PanelActions = {
  /** Resolves with whether it is on this computer's clipboard. */
  copy: (copied: Copied) => Promise<boolean>;
  paste: (text: string) => void;
};

/**
 * The clipboard's panel, for browsers that keep pages from it: what the desktop has copied, to be marked and copied by hand, and a
 * place for a text that is to go there.
 */
export class ClipboardPanel {
  readonly button = build('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'clipboard' }, WORDS.title);
  readonly #text = build('textarea', { rows: '5', spellcheck: 'false', 'aria-label': WORDS.text });
  readonly #image = build('img', { alt: WORDS.image, hidden: '' });
  readonly #copy = build('button', { type: 'button' }, WORDS.copy);
  readonly #paste = build('button', { type: 'button' }, WORDS.paste);
  readonly #close = build('button', { type: 'button' }, WORDS.close);
  readonly #said = build('p', { role: 'status' });
  readonly element = build(
    'section',
    { class: 'panel', id: 'clipboard', role: 'dialog', 'aria-label': WORDS.title, hidden: '' },
    ...[this.#text, this.#image, build('div', { class: 'row' }, this.#copy, this.#paste, this.#close), this.#said],
  );
  readonly #actions: PanelActions;
  #copied: Copied | undefined;

  constructor(actions: PanelActions) {
    this.#actions = actions;
  }

  attach(signal: AbortSignal): void {
    const on = (element: HTMLElement, act: () => void) => element.addEventListener('click', act, { signal });
    on(this.button, () => this.#toggle());
    on(this.#close, () => this.#toggle(false));
    on(this.#copy, () => void this.#copyOut());
    on(this.#paste, () => (this.#actions.paste(this.#text.value), setText(this.#said, WORDS.pasted)));
    this.element.addEventListener('keydown', (event) => event.key === 'Escape' && this.#toggle(false), { signal });
    signal.addEventListener('abort', () => this.#toggle(false), { once: true });
  }

  /** What the server lets through. Without it there is no button for it. */
  allow(policy: ClipboardPolicy): void {
    this.button.hidden = policy === 'off';
    this.#copy.hidden = policy === 'in';
    this.#paste.hidden = policy === 'out';
    if (policy === 'off') this.#toggle(false);
  }

  /** `isThere`: this computer's clipboard has it already. */
  show(copied: Copied, isThere: boolean): void {
    if (copied !== this.#copied) this.#fill(copied);
    this.#copied = copied;
    this.button.toggleAttribute('data-news', !isThere);
    setText(this.#said, isThere ? WORDS.copied : WORDS.waiting);
  }

  #fill(copied: Copied): void {
    URL.revokeObjectURL(this.#image.src);
    this.#image.hidden = copied.kind === 'text';
    this.#text.value = copied.kind === 'text' ? copied.text : '';
    if (copied.kind === 'image') this.#image.src = URL.createObjectURL(copied.image);
  }

  async #copyOut(): Promise<void> {
    const text = this.#text.value;
    const copied = this.#copied?.kind === 'image' && text === '' ? this.#copied : ({ kind: 'text', text } as const);
    if (await this.#actions.copy(copied)) return setText(this.#said, WORDS.copied);
    // The oldest way, which asks for nothing but the click: only the text that is marked.
    this.#text.select();
    setText(this.#said, document.execCommand('copy') ? WORDS.copied : WORDS.byHand);
  }

  #toggle(isOpen = this.element.hidden): void {
    if (isOpen !== this.element.hidden) return;
    this.element.hidden = !isOpen;
    this.button.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) this.#text.focus();
    else this.button.focus();
  }
}
