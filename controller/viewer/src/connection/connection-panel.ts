import { qualityReader } from '../quality.ts';
import { build, setText, type Shell } from '../shell.ts';
import type { ViewerStats } from '../stats.ts';
import { STRINGS } from '../strings.ts';
import { toFacts } from './facts.ts';

const REFRESH_MS = 1000;

/** A panel over the desktop that says how the connection is, once a second. Clicks go through it. */
export class ConnectionPanel {
  readonly #button = build('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'connection' }, STRINGS.link.title);
  readonly #facts = build('dl');
  readonly #element = build('section', { class: 'panel link', id: 'connection', 'aria-label': STRINGS.link.of, hidden: '' }, this.#facts);
  readonly #readStats: () => ViewerStats;

  /** `readStats` is asked once a second while the panel is open. */
  constructor(readStats: () => ViewerStats) {
    this.#readStats = readStats;
  }

  attach({ minimiseButton, stage }: Shell, signal: AbortSignal): void {
    let timer: ReturnType<typeof setInterval> | undefined;
    const toggle = (isOpen: boolean) => {
      this.#element.hidden = !isOpen;
      this.#button.setAttribute('aria-expanded', String(isOpen));
      clearInterval(timer);
      if (!isOpen) return;
      const readQuality = qualityReader(this.#readStats);
      readQuality(); // from here on it counts
      this.#render(toFacts(this.#readStats(), undefined));
      timer = setInterval(() => this.#render(toFacts(this.#readStats(), readQuality())), REFRESH_MS);
    };
    this.#button.addEventListener('click', () => toggle(!!this.#element.hidden), { signal });
    minimiseButton.before(this.#button);
    stage.append(this.#element);
    signal.addEventListener('abort', () => (toggle(false), this.#button.remove(), this.#element.remove()), { once: true });
  }

  /** In place: what somebody marks or hears read stays. */
  #render(facts: [string, string][]): void {
    while (this.#facts.children.length > facts.length) this.#facts.lastChild!.remove();
    facts.forEach(([name, value], index) => {
      const line = this.#facts.children[index] ?? this.#facts.appendChild(build('div', {}, build('dt'), build('dd')));
      setText(line.firstElementChild as HTMLElement, name);
      setText(line.lastElementChild as HTMLElement, value);
    });
  }
}
