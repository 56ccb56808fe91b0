import { Card } from './card.ts';
import type { Transport } from './choice.ts';
import type { Progress } from './progress.ts';
import { setText, type Shell } from './shell.ts';
import { toStateLine } from './state-line.ts';
import type { ViewerStats } from './stats.ts';
import { STRINGS } from './strings.ts';

export type Scene = {
  stats: ViewerStats;
  /** Over the desktop; undefined while there is a picture. */
  progress: Progress | undefined;
  /** Where the button leads; undefined: no button. */
  button: Transport | undefined;
};

/** What is seen of the viewer: which transport's layer is in front, the card over it, the bar under it. */
export class Screen {
  readonly #shell: Shell;
  readonly #card: Card;

  constructor(shell: Shell) {
    this.#shell = shell;
    this.#card = new Card(shell);
  }

  /** The desktop or something over it has the focus. */
  get hasFocus(): boolean {
    const { stage } = this.#shell;
    return stage.contains((stage.getRootNode() as ShadowRoot).activeElement);
  }

  /** The last transport's layer stays when there is none: its still picture. */
  bringForward(transport: Transport | undefined): void {
    if (transport) this.#shell.stage.dataset.shown = transport;
  }

  render({ stats, progress, button }: Scene): void {
    const { state, switchButton } = this.#shell;
    setText(state, toStateLine(stats));
    switchButton.hidden = !button;
    setText(switchButton, button === 'webrtc' ? STRINGS.useWebrtc : STRINGS.useVnc);
    this.#card.render(progress);
  }
}
