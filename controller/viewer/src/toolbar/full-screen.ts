import { build, setText, type Shell } from '../shell.ts';
import { STRINGS } from '../strings.ts';

/** https://wicg.github.io/keyboard-lock: Chromium's. */
type LockableKeyboard = { lock(): Promise<void>; unlock(): void };

/**
 * A button for full screen, where the page may have it. There the browser's own shortcuts are the desktop's, where the browser gives
 * them up: Escape leaves when it is held.
 */
export class FullScreen {
  readonly #button = build('button', { type: 'button' }, STRINGS.fullScreen);

  attach({ minimiseButton, keys }: Shell, signal: AbortSignal): void {
    const host = (minimiseButton.getRootNode() as ShadowRoot).host;
    this.#button.hidden = !document.fullscreenEnabled;
    this.#button.addEventListener('click', () => void toggle(host, keys), { signal });
    document.addEventListener('fullscreenchange', () => this.#render(host), { signal });
    minimiseButton.before(this.#button);
    signal.addEventListener('abort', () => this.#button.remove(), { once: true });
  }

  #render(host: Element): void {
    const isFull = isFullScreen(host);
    setText(this.#button, isFull ? STRINGS.leaveFullScreen : STRINGS.fullScreen);
    if (!isFull) (navigator as { keyboard?: LockableKeyboard }).keyboard?.unlock();
  }
}

const isFullScreen = (host: Element) => host.matches(':fullscreen');

async function toggle(host: Element, keys: HTMLElement): Promise<void> {
  if (isFullScreen(host)) return document.exitFullscreen();
  // A page that may not is told by the browser, and stays as it is.
  await host.requestFullscreen({ navigationUI: 'hide' }).catch(() => undefined);
  await (navigator as { keyboard?: LockableKeyboard }).keyboard?.lock().catch(() => undefined);
  keys.focus({ preventScroll: true });
}
