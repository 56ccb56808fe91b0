import { MachineWords } from './machine-words.ts';
import type { Progress, Step } from './progress.ts';
import { build, setText, type Shell } from './shell.ts';
import { STRINGS } from './strings.ts';

/** The card that tells what the viewer waits for. Rendered four times a second: the same nodes, new texts. */
export class Card {
  readonly #veil: HTMLElement;
  readonly #title = build('h2');
  readonly #message = build('p');
  readonly #code = build('p', { class: 'code' });
  readonly #lastLines = build('pre');
  readonly #steps = build('ol');
  readonly #more = new MachineWords();
  readonly #card = build(
    'div',
    { class: 'card' },
    ...[this.#title, this.#message, this.#lastLines, this.#code, this.#steps, this.#more.element],
  );
  readonly #said: HTMLElement;

  constructor({ veil, said }: Pick<Shell, 'veil' | 'said'>) {
    [this.#veil, this.#said] = [veil, said];
    veil.replaceChildren(this.#card);
  }

  render(progress: Progress | undefined): void {
    this.#veil.hidden = !progress;
    setText(this.#said, progress ? [progress.title, progress.message].filter(Boolean).join('. ') : '');
    if (!progress) return;
    this.#card.dataset.tone = progress.tone;
    setText(this.#title, progress.title);
    setText(this.#message, progress.message ?? '');
    setText(this.#lastLines, progress.lastLines.join('\n'));
    setText(this.#code, progress.code ? STRINGS.code(progress.code) : '');
    while (this.#steps.childElementCount > progress.steps.length) this.#steps.lastElementChild!.remove();
    progress.steps.forEach((step, index) => renderStep(this.#row(index), step));
    this.#more.render(progress);
  }

  #row(index: number): Element {
    const row =
      this.#steps.children[index] ?? build('li', {}, build('span'), build('span', { class: 'time' }), build('span', { class: 'unseen' }));
    if (!row.parentNode) this.#steps.append(row);
    return row;
  }
}

function renderStep(row: Element, step: Step): void {
  const [label, time, state] = row.children as unknown as [HTMLElement, HTMLElement, HTMLElement];
  (row as HTMLElement).dataset.state = step.state;
  setText(label, step.label);
  setText(time, step.ms === undefined ? '' : STRINGS.seconds(step.ms));
  setText(state, STRINGS[step.state]);
}
