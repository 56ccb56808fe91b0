import type { Progress } from './progress.ts';
import { build, setText } from './shell.ts';
import { STRINGS } from './strings.ts';

/** Below the card of a failed session, folded up: how its services were, and the end of its console. */
export class MachineWords {
  readonly #services = build('pre');
  readonly #console = build('pre');
  readonly element = build('details', {}, build('summary', {}, STRINGS.machineWords), this.#services, this.#console);

  render({ services, console }: Pick<Progress, 'services' | 'console'>): void {
    this.element.hidden = services.length === 0 && console.length === 0;
    setText(this.#services, services.map(({ name, state, restarts, reason }) => STRINGS.service(name, state, restarts, reason)).join('\n'));
    setText(this.#console, console.join('\n'));
  }
}
