import type { ControlEvent, ControlRequest, InputEvent, PointerMove } from '#contract/input';
import { allowsIn, allowsOut, type ClipboardPolicy } from '#contract/clipboard-policy';
import type { ViewerRole } from '#contract/viewer-role';
import type { RTCDataChannel } from 'werift';
import { parseControl, parseInput, parseMove } from '../input/message.ts';

export interface ChannelEvents {
  onMove(move: PointerMove): void;
  onInput(event: InputEvent): void;
  /** Whether it is this viewer's turn to use the desktop: what it sends meanwhile is dropped. */
  isTurn(): boolean;
  /** False for what has no meaning now. */
  onControl(request: ControlRequest): boolean;
  /** The viewer can be written to. */
  onOpen(): void;
  /** The viewer has closed the connection: that is how it shows here, as browsers end SCTP but not DTLS. */
  onClose(): void;
}

/** One viewer's data channels, opened by the browser. What one who may only look sends by mouse and keyboard is dropped and counted here. */
export class Channels {
  /** Messages that fit no shape, came too late, or may not be sent. */
  dropped = 0;
  readonly #events: ChannelEvents;
  readonly #mayTouch: boolean;
  readonly #clipboard: ClipboardPolicy;
  #control: RTCDataChannel | undefined;
  #lastMove = -1;

  constructor(events: ChannelEvents, role: ViewerRole, clipboard: ClipboardPolicy = 'both') {
    this.#events = events;
    // What is no known role may not.
    this.#mayTouch = role === 'control';
    this.#clipboard = this.#mayTouch ? clipboard : 'off';
  }

  attach(channel: RTCDataChannel): void {
    const onMessage = this.#toHandler(channel.label);
    if (!onMessage) return channel.close();
    channel.onMessage.subscribe((data) => {
      if (!onMessage(data)) this.dropped += 1;
    });
    channel.stateChanged.subscribe((state) => {
      if (state === 'closed' && channel.label === 'input') this.#events.onClose();
    });
    if (channel.label === 'control') this.#openControl(channel);
  }

  get clipboard(): ClipboardPolicy {
    return this.#clipboard;
  }

  /** What the desktop has copied goes to those only who may have it. */
  tell(event: ControlEvent): void {
    if (event.t === 'copied' && !allowsOut(this.#clipboard)) return;
    if (this.#control?.readyState === 'open') this.#control.send(JSON.stringify(event));
  }

  /** Handlers say whether the message was good. */
  #toHandler(label: string): ((data: unknown) => boolean) | undefined {
    if (!this.#mayTouch && ['move', 'input'].includes(label)) return () => false;
    if (label === 'move') return (data) => this.#onMove(parseMove(data));
    if (label === 'input') return (data) => pass(this.#toAllowedInput(parseInput(data)), (event) => this.#events.onInput(event));
    if (label === 'control') return (data) => this.#onControl(this.#toAllowed(parseControl(data)));
    return undefined;
  }

  /** One who may only look takes the desktop's size as it is. */
  #toAllowed(request: ControlRequest | undefined): ControlRequest | undefined {
    return request?.t === 'size' && !this.#isTurn ? undefined : request;
  }

  #toAllowedInput(event: InputEvent | undefined): InputEvent | undefined {
    if (!this.#isTurn) return undefined;
    return event?.t === 'paste' && !allowsIn(this.#clipboard) ? undefined : event;
  }

  /** The channel is unordered: a move that was overtaken is of no use. */
  #onMove(move: PointerMove | undefined): boolean {
    if (!move || move.n <= this.#lastMove || !this.#isTurn) return false;
    this.#lastMove = move.n;
    this.#events.onMove(move);
    return true;
  }

  #onControl(request: ControlRequest | undefined): boolean {
    return request !== undefined && this.#events.onControl(request);
  }

  get #isTurn(): boolean {
    return this.#mayTouch && this.#events.isTurn();
  }

  #openControl(channel: RTCDataChannel): void {
    this.#control = channel;
    if (channel.readyState === 'open') return this.#events.onOpen();
    channel.stateChanged.subscribe((state) => {
      if (state === 'open') this.#events.onOpen();
    });
  }
}

function pass<T>(value: T | undefined, handle: (value: T) => void): boolean {
  if (value === undefined) return false;
  handle(value);
  return true;
}
