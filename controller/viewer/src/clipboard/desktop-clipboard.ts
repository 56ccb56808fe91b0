import type { ControlEvent } from '#contract/input';
import type { Shell } from '../shell.ts';
import { ClipboardPanel } from './clipboard-panel.ts';
import { type Copied, CopiedPieces } from './copied.ts';
import { LocalClipboard } from './local-clipboard.ts';

/** The desktop's clipboard, as far as the page goes: takes what was copied there to this computer's, or shows it. */
export class DesktopClipboard {
  readonly #pieces = new CopiedPieces();
  readonly #panel: ClipboardPanel;
  readonly #local: LocalClipboard;
  readonly #shell: Shell;
  #newest: Copied | undefined;

  constructor(shell: Shell, paste: (text: string) => void, onCopied: (copied: Copied) => void) {
    this.#shell = shell;
    this.#onCopied = onCopied;
    this.#local = new LocalClipboard((isThere) => this.#newest && this.#panel.show(this.#newest, isThere));
    this.#panel = new ClipboardPanel({ copy: (copied) => this.#local.put(copied), paste });
  }

  readonly #onCopied: (copied: Copied) => void;

  attach(signal: AbortSignal): void {
    this.#local.attach(signal);
    this.#panel.attach(signal);
    this.#panel.button.hidden = true; // until the desktop tells the policy
    this.#shell.minimiseButton.before(this.#panel.button);
    this.#shell.stage.append(this.#panel.element);
    signal.addEventListener('abort', () => [this.#panel.button, this.#panel.element].forEach((one) => one.remove()), { once: true });
  }

  handle(event: ControlEvent): void {
    if (event.t === 'policy') return this.#panel.allow(event.clipboard);
    const copied = event.t === 'copied' ? this.#pieces.take(event) : undefined;
    if (!copied) return;
    this.#newest = copied;
    this.#panel.show(copied, false);
    this.#onCopied(copied);
    void this.#local.put(copied);
  }
}
