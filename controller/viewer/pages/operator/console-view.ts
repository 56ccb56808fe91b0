import { make } from './dom.ts';
import { STRINGS } from './strings.ts';

/** Kept on the page: more than one reads, less than what makes it slow. */
const LINES_MAX = 1000;

/** A console that is followed: it scrolls along while one is at its end, and stays where one reads. */
export class ConsoleView {
  readonly element = make('pre', { class: 'console', tabindex: '0', role: 'log', 'aria-label': STRINGS.console, 'aria-live': 'off' });
  readonly #lines: string[] = [];

  constructor() {
    this.element.textContent = STRINGS.noConsole;
  }

  add(lines: readonly string[], dropped: number): void {
    const { element } = this;
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
    if (dropped > 0) this.#lines.push(STRINGS.dropped(dropped));
    this.#lines.push(...lines);
    this.#lines.splice(0, Math.max(0, this.#lines.length - LINES_MAX));
    element.textContent = this.#lines.join('\n');
    if (isAtEnd) element.scrollTop = element.scrollHeight;
  }
}
