import { NAME_MAX, type ControlEvent, type ControlRequest, type InputEvent } from '#contract/input';
import type { Session, ViewerClient } from '../../client/index.ts';
import { toPlan, type Transport } from './choice.ts';
import type { Copied } from './clipboard/copied.ts';
import { DesktopClipboard } from './clipboard/desktop-clipboard.ts';
import { AnswerTime } from './connection/answer-time.ts';
import { ConnectionPanel } from './connection/connection-panel.ts';
import { DesktopInput } from './desktop-input.ts';
import { toCssCursor } from './input/cursor.ts';
import { toDesktopMotion, toDesktopPoint, type Size } from './input/desktop-point.ts';
import type { PeopleEvent } from './people/people.ts';
import { PeoplePanel } from './people/people-panel.ts';
import { Picture } from './picture.ts';
import { toProgress } from './progress.ts';
import { qualityReader } from './quality.ts';
import { Screen } from './screen.ts';
import { SessionFollower, type Trouble } from './session-follower.ts';
import { toAgentLife } from './session-watch.ts';
import type { Shell } from './shell.ts';
import { DesktopSound } from './sound/desktop-sound.ts';
import { ToldSizes } from './size/shown-size.ts';
import { SizeWish, type ResizeMode } from './size/size-wish.ts';
import { watchSize } from './size/stage-size.ts';
import { toViewerState, toViewerStats, type ViewerState, type ViewerStats } from './stats.ts';
import { STRINGS } from './strings.ts';
import { Timeline } from './timeline.ts';
import { FullScreen } from './toolbar/full-screen.ts';
import { PointerLock } from './toolbar/pointer-lock.ts';
import { VncLink } from './transport/vnc.ts';
import { WebrtcLink, type LinkEvents } from './transport/webrtc.ts';
import { Watermark } from './watermark.ts';

export type ViewingOptions = {
  client: ViewerClient;
  baseUrl: string;
  sessionId: string;
  /** The one that is good now. */
  readToken: () => string;
  /** VNC stands in when WebRTC has owed a picture for this long. */
  fallbackMs: number;
  /** Multiplies the limits after which a connection is given up. */
  patience: number;
  resize: ResizeMode;
  /** Whether the desktop's sound is wanted. */
  sound: boolean;
  shell: Shell;
  onState: (state: ViewerState, transport: Transport | undefined) => void;
  onError: (trouble: Trouble) => void;
  onToken: (token: string) => void;
  onSession: (session: Session) => void;
  /** The person wants sound, or the browser has refused to play it. */
  onSound: (on: boolean) => void;
  /** A program of the desktop has copied this. */
  onCopied: (copied: Copied) => void;
  /** Who looks at the desktop, or whose turn it is, is another. */
  onPeople: (event: PeopleEvent) => void;
  /** What the others call this viewer; empty: by its number. */
  name: string;
};

const TICK_MS = 250;

/** One session looked at by one page: from the first question to the controller until the session ends or the page stops looking. */
export class Viewing {
  readonly #options: ViewingOptions;
  readonly #life = new AbortController();
  readonly #session: SessionFollower;
  readonly #timeline = new Timeline();
  readonly #webrtc: WebrtcLink;
  readonly #vnc: VncLink;
  readonly #picture: Picture;
  readonly #input: DesktopInput;
  readonly #screen: Screen;
  readonly #clipboard: DesktopClipboard;
  readonly #answers = new AnswerTime();
  readonly #lock = new PointerLock();
  readonly #watermark = new Watermark();
  readonly #people = new PeoplePanel((turn) => this.#webrtc.control(turn));
  /** Viewers use the desktop one at a time. */
  #takesTurns = false;
  #name = '';
  readonly #sound: DesktopSound;
  /** The transports that are being kept. */
  readonly #kept: Partial<Record<Transport, AbortController>> = {};
  #mode: 'auto' | 'vnc' = 'auto';
  #shown: Transport | undefined;
  #told: { state: ViewerState; shown: Transport | undefined } | undefined;
  readonly #sizes = new ToldSizes();
  readonly #wish: SizeWish;
  #encoder: Extract<ControlEvent, { t: 'stats' }> | undefined;
  #agentLife: number | undefined;

  constructor(options: ViewingOptions) {
    const { client, sessionId, shell, baseUrl, readToken, patience, onError, onToken, onSession } = options;
    const update = () => this.#update();
    this.#options = options;
    this.#session = new SessionFollower({
      onChange: () => (this.#followAgent(), update()),
      onTrouble: onError,
      onSession: (session) => (this.#watermark.show(session.watermark ?? ''), onSession(session)),
      onToken,
      readQuality: qualityReader(() => this.stats),
    });
    this.#webrtc = new WebrtcLink(client, sessionId, patience, this.#toLinkEvents());
    this.#vnc = new VncLink({ baseUrl, sessionId, readToken, target: shell.vnc }, update);
    this.#picture = new Picture(shell.video, shell.still, () => (this.#answers.show(performance.now()), this.#webrtc.hearFrame()));
    this.#input = new DesktopInput(shell, {
      toDesktop: ({ clientX: x, clientY: y }) =>
        toDesktopPoint({ x, y }, shell.video.getBoundingClientRect(), this.#picture.size, this.#sizes.toShown(this.#picture.size)),
      toMotion: ({ movementX: x, movementY: y }) =>
        toDesktopMotion({ x, y }, shell.video.getBoundingClientRect(), this.#picture.size, this.#sizes.toShown(this.#picture.size)),
      move: this.#webrtc.move,
      input: (message) => {
        if (isPress(message)) this.#answers.press(performance.now());
        this.#webrtc.input(message);
      },
    });
    this.#screen = new Screen(shell);
    this.#wish = new SizeWish((size) => this.#webrtc.control({ t: 'size', ...size }));
    this.#wish.mode = options.resize;
    this.#name = options.name.trim().slice(0, NAME_MAX);
    this.#sound = new DesktopSound({ listen: (on) => this.#webrtc.listen(on), onWish: options.onSound });
    this.#sound.wanted = options.sound;
    this.#clipboard = new DesktopClipboard(shell, (text) => this.paste(text), options.onCopied);
  }

  start(): void {
    const { client, sessionId, readToken, shell } = this.#options;
    const { signal } = this.#life;
    const timer = setInterval(() => this.#update(), TICK_MS);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    shell.switchButton.addEventListener('click', () => this.#switch(), { signal });
    const probe = () => this.#webrtc.probe();
    window.addEventListener('online', probe, { signal });
    document.addEventListener('visibilitychange', probe, { signal });
    (navigator as { connection?: EventTarget }).connection?.addEventListener('change', probe, { signal });
    watchSize(shell.stage, (size) => (this.#picture.fitTo(size), this.#wish.resize(size)), signal);
    this.#input.attach();
    this.#clipboard.attach(signal);
    new ConnectionPanel(() => this.stats).attach(shell, signal);
    this.#sound.attach(shell, signal);
    new FullScreen().attach(shell, signal);
    this.#lock.attach(shell, signal);
    this.#watermark.attach(shell, signal);
    this.#people.attach(shell, signal);
    void this.#session.follow(client, sessionId, readToken(), signal);
    this.#update();
  }

  stop(): void {
    this.#input.detach();
    this.#wish.stop();
    this.#life.abort();
    Object.values(this.#kept).forEach((life) => life.abort());
    this.#picture.stop();
  }

  get transport(): Transport | undefined {
    return this.#shown;
  }

  get desktopSize(): Size {
    if (this.#shown === 'vnc') return this.#vnc.size;
    return this.#sizes.told ?? this.#session.session?.display ?? this.#picture.size;
  }

  get stats(): ViewerStats {
    return toViewerStats({
      state: this.#toState(),
      transport: this.#shown,
      mode: this.#mode,
      status: this.#session.session?.status,
      isAway: !!this.#session.trouble && !this.#session.trouble.isFinal,
      desktop: this.desktopSize,
      video: this.#picture.size,
      fps: this.#picture.fps,
      link: this.#webrtc.stats,
      roundTripMs: this.#webrtc.roundTripMs,
      answerMs: this.#answers.medianMs,
      tries: this.#webrtc.tries,
      restarts: this.#webrtc.restarts,
      pictures: this.#timeline.pictures,
      loss: this.#timeline.loss,
      encoder: this.#encoder,
    });
  }

  /** `vnc`: shows VNC at once and stays there. `auto`: WebRTC as soon as it has a picture. */
  use(mode: 'auto' | 'vnc'): void {
    this.#mode = mode;
    this.#update();
    this.#webrtc.hurry();
  }

  /** Asks for the desktop, or gives it away. */
  turn(request: Extract<ControlRequest, { t: 'turn' }>): void {
    this.#webrtc.control(request);
  }

  /** What the others call this viewer. */
  call(name: string): void {
    this.#name = name.trim().slice(0, NAME_MAX);
    if (this.#name) this.#webrtc.control({ t: 'name', name: this.#name });
  }

  set resize(mode: ResizeMode) {
    this.#wish.mode = mode;
  }

  set sound(isWanted: boolean) {
    this.#sound.wanted = isWanted;
  }

  /** Text for the desktop's clipboard. */
  paste(text: string): void {
    this.#input.paste(text);
  }

  #switch(): void {
    this.use(this.#other === 'webrtc' ? 'auto' : 'vnc');
    this.#focusShown();
  }

  /** Where the button leads. */
  get #other(): Transport {
    return this.#shown === 'vnc' || this.#mode === 'vnc' ? 'webrtc' : 'vnc';
  }

  #toLinkEvents(): LinkEvents {
    const update = () => this.#update();
    return {
      onAnswer: () => (this.#timeline.answers(Date.now()), update()),
      onStream: (stream) => this.#picture.show(stream),
      onSound: (stream) => this.#sound.show(stream),
      onPicture: () => (this.#timeline.shows(), update()),
      onClosing: () => this.#picture.freeze(),
      onLost: (loss, hadPicture, silentMs) => {
        this.#timeline.loses(Date.now(), loss, hadPicture, silentMs);
        this.#encoder = undefined;
        this.#answers.forget();
        this.#people.show(undefined);
        this.#input.forgetAll();
        this.#wish.forget();
        update();
      },
      onEvent: (event) => {
        if (event.t === 'display') {
          this.#sizes.tell(event);
          this.#wish.allow(event.resizable === true);
          this.#lock.allow(event.nudges === true);
        }
        if (event.t === 'cursor') this.#options.shell.surface.style.cursor = toCssCursor(event);
        if (event.t === 'stats') this.#encoder = event;
        if (event.t === 'people') this.#handlePeople(event);
        this.#clipboard.handle(event);
        this.#sound.handle(event);
      },
    };
  }

  #handlePeople(event: PeopleEvent): void {
    const isMine = event.people.some(({ isYou, hasControl }) => isYou && hasControl);
    // What is held was let go of on the desktop: it goes up here, too, and is not pressed again by itself.
    if (!isMine) this.#input.release();
    this.#takesTurns = event.policy === 'one';
    // Of a new connection the guest does not know it yet.
    if (this.#name && event.people.some(({ isYou, name }) => isYou && name === undefined)) this.call(this.#name);
    this.#people.show(event);
    this.#options.onPeople(event);
    this.#update();
  }

  /** A restarted agent is told of sooner than its silence shows. */
  #followAgent(): void {
    const { session } = this.#session;
    const life = session && toAgentLife(session);
    if (life === undefined || life === this.#agentLife) return;
    if (this.#agentLife !== undefined) this.#webrtc.renew();
    this.#agentLife = life;
  }

  /** Brings what is kept and what is shown in line with what is known. Runs at every change and four times a second. */
  #update(): void {
    if (this.#life.signal.aborted) return;
    const { isOpen } = this.#session;
    const plan = toPlan({
      mode: this.#mode,
      hasWebrtc: this.#webrtc.hasPicture,
      hasVnc: this.#vnc.hasPicture,
      shown: this.#shown,
      blankMs: this.#timeline.blankMs(Date.now()),
      fallbackMs: this.#options.fallbackMs,
      isVncOff: this.#takesTurns,
    });
    this.#show(isOpen ? plan.shown : undefined);
    this.#keep('webrtc', isOpen && plan.keepWebrtc, (signal) => {
      this.#timeline.connects(Date.now());
      return this.#webrtc.keep(signal);
    });
    this.#keep('vnc', isOpen && plan.keepVnc, (signal) => this.#vnc.keep(signal));
    this.#tell();
    this.#render();
  }

  #keep(transport: Transport, wanted: boolean, keep: (signal: AbortSignal) => Promise<void>): void {
    const life = this.#kept[transport];
    if (wanted === !!life) return;
    delete this.#kept[transport];
    if (life) return life.abort();
    const started = (this.#kept[transport] = new AbortController());
    void keep(started.signal);
  }

  #show(shown: Transport | undefined): void {
    if (shown === this.#shown) return;
    const { hasFocus: hadFocus } = this.#screen;
    this.#input.release();
    this.#shown = shown;
    this.#lock.isOf(shown);
    this.#screen.bringForward(shown);
    if (hadFocus) this.#focusShown();
  }

  #focusShown(): void {
    if (this.#shown === 'vnc') this.#vnc.focus();
    else this.#options.shell.keys.focus({ preventScroll: true });
  }

  #toState(): ViewerState {
    const { trouble, session } = this.#session;
    const { pictures, connectingAt } = this.#timeline;
    return toViewerState({ isRefused: !!trouble?.isFinal, status: session?.status, shown: this.#shown, pictures, connectingAt });
  }

  #tell(): void {
    const [state, shown] = [this.#toState(), this.#shown];
    if (state === this.#told?.state && shown === this.#told.shown) return;
    this.#told = { state, shown };
    this.#options.onState(state, shown);
  }

  #render(): void {
    this.#screen.render({
      stats: this.stats,
      progress: this.#shown ? undefined : this.#toProgress(),
      button: this.#session.isOpen && !this.#takesTurns ? this.#other : undefined,
    });
  }

  #toProgress(): ReturnType<typeof toProgress> {
    const { session, trouble, console, skewMs = 0 } = this.#session;
    const { pictures, loss, connectingAt, answeredAt } = this.#timeline;
    const lostWhy = loss && STRINGS.losses[loss];
    const known = { session, trouble, console, hadPicture: pictures > 0, lostWhy, connectingAt, answeredAt };
    return toProgress({ ...known, now: Date.now(), skewMs });
  }
}

const isPress = (message: InputEvent) => (message.t === 'button' || message.t === 'key') && message.down;
