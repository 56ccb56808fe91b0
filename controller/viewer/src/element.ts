import { createViewerClient, type Session } from '../../client/index.ts';
import type { Transport } from './choice.ts';
import type { Copied } from './clipboard/copied.ts';
import css from './element.css';
import type { Person } from '#contract/input';
import type { Size } from './input/desktop-point.ts';
import type { ResizeMode } from './size/size-wish.ts';
import { buildShell, setText, type Shell } from './shell.ts';
import type { ViewerState, ViewerStats } from './stats.ts';
import { STRINGS } from './strings.ts';
import type { Trouble } from './session-follower.ts';
import { Viewing } from './viewing.ts';

/** Detail of `oriel-state`. */
export type OrielStateDetail = { state: ViewerState; transport: Transport | undefined };
/** Detail of `oriel-token`: the token that the element was given is replaced by this one. */
export type OrielTokenDetail = { token: string };
/** Detail of `oriel-session`: the session as the controller has it now. */
export type OrielSessionDetail = Session;
/** Detail of `oriel-copied`: what a program of the desktop has copied, a text or a PNG. */
export type OrielCopiedDetail = Copied;
/** Detail of `oriel-people`: who looks at the desktop, whose turn it is. */
export type OrielPeopleDetail = { policy: 'shared' | 'one'; people: readonly Person[] };
/** Detail of `oriel-error`. `isFinal`: it will not get better by itself. `status` 0: no answer came. */
export type OrielErrorDetail = Trouble;

declare global {
  interface HTMLElementTagNameMap {
    'oriel-desktop': OrielDesktop;
  }
}

const FALLBACK_MS = 8000;

/**
 * `<oriel-desktop session="s-…" token="…">`: a session's desktop. Starts by itself when it is in the page.
 *
 * Attributes: `session`, `token`, `base-url` (the controller; the page's own origin when missing), `fallback-ms` (8000: VNC stands
 * in when WebRTC has owed a picture for this long), `patience` (1: multiplies the limits after which a connection is given up, and
 * `fallback-ms`, for desktops whose processors are emulated), `resize` (`desktop`, the default: the desktop takes the element's size in pixels
 * of the device, where this viewer may control it and the controller lets it; `scale`: it keeps its own, and the picture is scaled), `bar="none"` (no state line), `minimised` (the state line alone; the connection stays).
 * `audio` (the desktop's sound is wanted, where the controller and the browser let it be heard; the sound button sets it and takes it away), `name` (what the others see in the list of people; it is the viewer's own word).
 * Events: `oriel-people` ({ policy, people }), `oriel-state` ({ state, transport }), `oriel-session` (each version of the session, to its end), `oriel-error` ({ code, message, status, isFinal }), `oriel-copied` ({ kind, text } or { kind, image }), `oriel-token` ({ token }: tokens are
 * short and the element renews its own; whoever starts it anew later needs the newest); all bubble.
 */
export class OrielDesktop extends HTMLElement {
  static readonly observedAttributes = ['base-url', 'session', 'token', 'minimised', 'name', 'resize', 'audio'];

  readonly #shell: Shell;
  #viewing: Viewing | undefined;
  #isStarting = false;
  #page: AbortController | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    this.#shell = buildShell(root);
    this.#shell.minimiseButton.addEventListener('click', () => this.toggleAttribute('minimised'));
  }

  /** Transport of the picture that is shown. */
  get transport(): Transport | undefined {
    return this.#viewing?.transport;
  }

  /** In pixels; 0 × 0 while it is not known. */
  get desktopSize(): Size {
    return this.#viewing?.desktopSize ?? { width: 0, height: 0 };
  }

  get stats(): ViewerStats | undefined {
    return this.#viewing?.stats;
  }

  /** Whether the desktop's sound is wanted: the attribute. Off at first; a browser may want a click in the page before it plays any. */
  get audio(): boolean {
    return this.hasAttribute('audio');
  }

  set audio(isWanted: boolean) {
    this.toggleAttribute('audio', isWanted);
  }

  /** WebRTC's video. Its box is where the pointer is measured, letterbox included. */
  get video(): HTMLVideoElement {
    return this.#shell.video;
  }

  /** `vnc` stays with VNC, `auto` takes WebRTC whenever it works. */
  use(mode: 'auto' | 'vnc'): void {
    this.#viewing?.use(mode);
  }

  /** Puts plain text (1 Mi characters at most) on the desktop's clipboard, by WebRTC. Ctrl+V, Ctrl+Shift+V and Shift+Insert do it by themselves. */
  paste(text: string): void {
    this.#viewing?.paste(text);
  }

  /** Where viewers use the desktop one at a time: asks for it. */
  askForControl(): void {
    this.#viewing?.turn({ t: 'turn', do: 'ask' });
  }

  /** Gives it to a person of `oriel-people`; to whoever is next without one. */
  giveControl(to?: number): void {
    this.#viewing?.turn(to === undefined ? { t: 'turn', do: 'release' } : { t: 'turn', do: 'give', to });
  }

  connectedCallback(): void {
    this.#page = new AbortController();
    const { signal } = this.#page;
    // A page that is put aside must not keep the guest's ports; it may come back out of the back/forward cache.
    window.addEventListener('pagehide', () => this.#stop(), { signal });
    window.addEventListener('pageshow', ({ persisted }) => persisted && this.#restart(), { signal });
    this.#restart();
  }

  disconnectedCallback(): void {
    this.#page?.abort();
    this.#stop();
  }

  attributeChangedCallback(name: string): void {
    if (name === 'minimised') setText(this.#shell.minimiseButton, this.hasAttribute(name) ? STRINGS.restore : STRINGS.minimise);
    else if (name === 'resize') this.#followResize();
    else if (name === 'name') this.#viewing?.call(this.getAttribute('name') ?? '');
    else if (name === 'audio') this.#followAudio();
    else if (this.isConnected) this.#restart();
  }

  /** Attributes that are set one after the other are one start. */
  #restart(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    queueMicrotask(() => {
      this.#isStarting = false;
      this.#stop();
      if (this.isConnected) this.#start();
    });
  }

  #start(): void {
    const baseUrl = this.getAttribute('base-url') ?? '';
    const sessionId = this.getAttribute('session') ?? '';
    let token = this.getAttribute('token') ?? '';
    const readToken = () => token;
    const patience = Math.max(1, toMs(this.getAttribute('patience')) ?? 1);
    this.#viewing = new Viewing({
      client: createViewerClient({ baseUrl, token: readToken }),
      baseUrl,
      sessionId,
      readToken,
      onToken: (renewed) => {
        token = renewed;
        this.#emit<OrielTokenDetail>('oriel-token', { token });
      },
      fallbackMs: (toMs(this.getAttribute('fallback-ms')) ?? FALLBACK_MS) * patience,
      patience,
      resize: this.#resizeMode,
      name: this.getAttribute('name') ?? '',
      onPeople: ({ policy, people }) => this.#emit<OrielPeopleDetail>('oriel-people', { policy, people }),
      sound: this.audio,
      onSound: (on) => (this.audio = on),
      shell: this.#shell,
      onState: (state, transport) => this.#emit<OrielStateDetail>('oriel-state', { state, transport }),
      onSession: (session) => this.#emit<OrielSessionDetail>('oriel-session', session),
      onCopied: (copied) => this.#emit<OrielCopiedDetail>('oriel-copied', copied),
      onError: (error) => this.#emit<OrielErrorDetail>('oriel-error', error),
    });
    this.#viewing.start();
  }

  get #resizeMode(): ResizeMode {
    return this.getAttribute('resize') === 'scale' ? 'scale' : 'desktop';
  }

  #followResize(): void {
    if (this.#viewing) this.#viewing.resize = this.#resizeMode;
  }

  #followAudio(): void {
    if (this.#viewing) this.#viewing.sound = this.audio;
  }

  #stop(): void {
    this.#viewing?.stop();
    this.#viewing = undefined;
  }

  #emit<T>(type: string, detail: T): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

function toMs(text: string | null): number | undefined {
  const ms = Number(text);
  return text !== null && text.trim() !== '' && Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

if (!customElements.get('oriel-desktop')) customElements.define('oriel-desktop', OrielDesktop);
