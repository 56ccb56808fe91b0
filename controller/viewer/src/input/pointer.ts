import { NUDGE_MAX, type InputEvent, type PointerMove } from '#contract/input';
import { toButtonChanges } from './buttons.ts';
import type { Point } from './desktop-point.ts';
import { Fingers } from './fingers.ts';
import { WheelClicks } from './wheel-clicks.ts';

export type PointerSink = {
  /** A place on the page in desktop pixels, undefined while there is no desktop. */
  toDesktop: (event: { clientX: number; clientY: number }) => Point | undefined;
  /** How far a motion on the page is in desktop pixels, fractions included. */
  toMotion: (event: { movementX: number; movementY: number }) => Point | undefined;
  move: (message: PointerMove) => void;
  send: (message: Extract<InputEvent, { t: 'button' | 'wheel' | 'nudge' }>) => void;
  /** Whoever touches the desktop wants to type there. */
  focus: () => void;
};

/** A move may be lost on the way. The last one of a motion is told once more after this long. */
const REST_MS = 80;

/** CSS pixels of two fingers that make as much as a notch of a wheel. */
const SCROLL_NOTCH = 40;

/** Mouse, pen and touch on a surface, told as moves, buttons and wheel clicks on the desktop. */
export class Pointer {
  readonly #surface: HTMLElement;
  readonly #sink: PointerSink;
  readonly #wheel = new WheelClicks();
  readonly #fingers: Fingers;
  #detach: AbortController | undefined;
  /** Held on the desktop, as in `MouseEvent.buttons`. */
  #buttons = 0;
  /** Held by the hand, but let go on the desktop: not pressed again until they came up. */
  #stale = 0;
  #last: Point | undefined;
  /** Of a locked pointer's motion: what was less than a pixel. */
  #rest: Point = { x: 0, y: 0 };
  #n = 0;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(surface: HTMLElement, sink: PointerSink) {
    this.#surface = surface;
    this.#sink = sink;
    this.#fingers = new Fingers({
      move: ({ x, y }) => this.#move({ clientX: x, clientY: y }),
      button: (button, down, at) => this.#press(button, down, at),
      scroll: (dx, dy, at) => this.#scroll(dx, dy, at),
    });
  }

  attach(): void {
    this.#detach ??= new AbortController();
    const { signal } = this.#detach;
    const on = <K extends keyof HTMLElementEventMap>(types: K[], act: (event: HTMLElementEventMap[K]) => void) =>
      types.forEach((type) => this.#surface.addEventListener(type, act, { signal, passive: false }));
    on(['pointerdown', 'pointermove', 'pointerup'], (event) => this.#handlePointer(event));
    on(['pointercancel', 'lostpointercapture'], (event) => (isFinger(event) ? this.#onFinger(event) : this.#toButtons(0, event)));
    on(['wheel'], (event) => this.#handleWheel(event));
    // Each of these is something that the browser does with a button: menu, paste, scroll, back and forward, selection, dragging.
    on(['contextmenu', 'auxclick', 'mousedown', 'mouseup', 'dragstart', 'selectstart'], (event) => event.preventDefault());
  }

  detach(): void {
    this.#detach?.abort();
    this.#detach = undefined;
    this.forgetAll();
  }

  /** The desktop has let go of everything. */
  forgetAll(): void {
    clearTimeout(this.#resting);
    this.#stale |= this.#buttons;
    this.#buttons = 0;
    this.#last = undefined;
    this.#fingers.forgetAll();
  }

  #handlePointer(event: PointerEvent): void {
    event.preventDefault();
    if (event.type === 'pointerdown') {
      // A locked pointer is the surface's anyway, and to capture it is an error.
      if (!this.#isLocked) this.#surface.setPointerCapture(event.pointerId);
      this.#sink.focus();
    }
    if (isFinger(event)) return this.#onFinger(event);
    if (this.#isLocked) this.#nudge(event);
    else this.#move(event);
    this.#toButtons(event.buttons, event);
  }

  /** The browser holds the pointer: it has no place on the page, only motion. */
  get #isLocked(): boolean {
    return (this.#surface.getRootNode() as ShadowRoot).pointerLockElement === this.#surface;
  }

  #nudge(event: PointerEvent): void {
    const motion = this.#sink.toMotion(event);
    if (!motion) return;
    const [x, y] = [this.#rest.x + motion.x, this.#rest.y + motion.y];
    const [dx, dy] = [toNudge(x), toNudge(y)];
    this.#rest = { x: (x - dx) % 1, y: (y - dy) % 1 };
    // It is where the desktop has it: the next place on the page is another.
    this.#last = undefined;
    clearTimeout(this.#resting);
    if (dx || dy) this.#sink.send({ t: 'nudge', dx, dy });
  }

  /** Where something is done: nothing of a locked pointer. */
  #toPlace(event: { clientX: number; clientY: number }): Partial<Point> | undefined {
    return this.#isLocked ? {} : (this.#sink.toDesktop(event) ?? this.#last);
  }

  #onFinger(event: PointerEvent): void {
    this.#fingers.handle(event);
  }

  #press(button: 1 | 3, down: boolean, { x, y }: Point): void {
    const point = this.#sink.toDesktop({ clientX: x, clientY: y });
    if (point) this.#sink.send({ t: 'button', button, down, ...point });
  }

  #scroll(dx: number, dy: number, { x, y }: Point): void {
    const [deltaX, deltaY] = [dx, dy].map((pixels) => (pixels * 120) / SCROLL_NOTCH) as [number, number];
    const clicks = this.#wheel.turn({ deltaX, deltaY, deltaMode: 0, timeStamp: performance.now() });
    const point = this.#sink.toDesktop({ clientX: x, clientY: y });
    if (point && (clicks.dx || clicks.dy)) this.#sink.send({ t: 'wheel', ...clicks, ...point });
  }

  /** Chromium tells moves once a frame, the others in between are in `getCoalescedEvents`: the desktop needs only the last. */
  #move(event: { clientX: number; clientY: number }): void {
    const point = this.#sink.toDesktop(event);
    if (!point || (point.x === this.#last?.x && point.y === this.#last.y)) return;
    this.#last = point;
    this.#tellMove(point);
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#tellMove(point), REST_MS);
  }

  #tellMove(point: Point): void {
    this.#n += 1;
    this.#sink.move({ t: 'move', ...point, n: this.#n });
  }

  #toButtons(held: number, event: PointerEvent): void {
    this.#stale &= held;
    const buttons = held & ~this.#stale;
    const place = this.#toPlace(event);
    const changes = place ? toButtonChanges(this.#buttons, buttons) : [];
    if (!place || changes.length === 0) return;
    this.#buttons = buttons;
    changes.forEach((change) => this.#sink.send({ t: 'button', ...change, ...place }));
  }

  #handleWheel(event: WheelEvent): void {
    event.preventDefault();
    const clicks = this.#wheel.turn(event);
    const place = this.#toPlace(event);
    if (place && (clicks.dx || clicks.dy)) this.#sink.send({ t: 'wheel', ...clicks, ...place });
  }
}

/** Whole pixels. Zero has no sign. */
const toNudge = (pixels: number) => Math.max(-NUDGE_MAX, Math.min(NUDGE_MAX, Math.trunc(pixels))) || 0;

const isFinger = ({ pointerType }: PointerEvent) => pointerType === 'touch';
