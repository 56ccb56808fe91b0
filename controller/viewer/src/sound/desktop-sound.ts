import type { ControlEvent } from '#contract/input';
import { build, type Shell } from '../shell.ts';
import { STRINGS } from '../strings.ts';

export type SoundWishes = {
  /** Asks for the desktop's sound, or for silence. */
  listen: (on: boolean) => void;
  /** The person wants it otherwise than it is, or the browser has refused to play. */
  onWish: (on: boolean) => void;
};

/** The desktop's sound in the page: off until somebody wants it, and a button for that where the desktop lets viewers listen. */
export class DesktopSound {
  readonly #button = build('button', { type: 'button', 'aria-pressed': 'false', hidden: '' }, STRINGS.sound);
  /** Of its own: the picture is shown at once, whatever the sound waits for. */
  readonly #audio = build('audio', { hidden: '' });
  readonly #wishes: SoundWishes;
  #isWanted = false;
  #isAllowed = false;

  constructor(wishes: SoundWishes) {
    this.#wishes = wishes;
  }

  attach({ minimiseButton, stage }: Shell, signal: AbortSignal): void {
    this.#button.addEventListener('click', () => this.#wishes.onWish(!this.#isWanted), { signal });
    minimiseButton.before(this.#button);
    stage.append(this.#audio);
    signal.addEventListener('abort', () => this.#detach(), { once: true });
  }

  set wanted(isWanted: boolean) {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    this.#button.setAttribute('aria-pressed', String(isWanted));
    this.#follow();
  }

  handle(event: ControlEvent): void {
    if (event.t !== 'policy') return;
    this.#isAllowed = event.audio === true;
    this.#button.hidden = !this.#isAllowed;
    this.#follow();
  }

  /** The stream of a connection; it has sound only where the desktop sends some. */
  show(stream: MediaStream): void {
    this.#audio.srcObject = stream;
    this.#play();
  }

  #follow(): void {
    this.#wishes.listen(this.#isWanted && this.#isAllowed);
    if (this.#isWanted) this.#play();
    else this.#audio.pause();
  }

  #play(): void {
    if (!this.#isWanted || !this.#audio.srcObject) return;
    // A page that was never touched may play nothing: the button waits for a click then.
    void this.#audio.play().catch((error: Error) => error.name === 'NotAllowedError' && this.#wishes.onWish(false));
  }

  #detach(): void {
    this.#audio.srcObject = null;
    [this.#button, this.#audio].forEach((one) => one.remove());
  }
}
