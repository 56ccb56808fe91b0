import type { ControlEvent, ControlRequest, InputEvent, Person, PointerMove } from '#contract/input';

/** More than this unsent, and a move is not worth queueing: a newer one follows. */
const MOVE_BACKLOG_BYTES = 4096;

export type Channels = {
  /** Messages for a channel that is not open are dropped: the guest has let go of everything by then. */
  move: (message: PointerMove) => void;
  input: (message: InputEvent) => void;
  control: (message: ControlRequest) => void;
  close: () => void;
};

/** Opens the three channels of #contract/input. The browser opens them all: werift cannot open a partially reliable one. */
export function openChannels(connection: RTCPeerConnection, onEvent: (event: ControlEvent) => void, onClose: () => void): Channels {
  const move = connection.createDataChannel('move', { ordered: false, maxRetransmits: 0 });
  const input = connection.createDataChannel('input');
  const control = connection.createDataChannel('control');
  control.addEventListener('message', ({ data }) => {
    const event = toControlEvent(data);
    if (event) onEvent(event);
  });
  [input, control].forEach((channel) => channel.addEventListener('close', onClose));
  return {
    move: (message) => move.bufferedAmount < MOVE_BACKLOG_BYTES && send(move, message),
    input: (message) => send(input, message),
    control: (message) => send(control, message),
    close: () => [input, control, move].forEach((channel) => channel.close()),
  };
}

/** The event in a message's text, or undefined: what is no event is dropped. */
export function toControlEvent(data: unknown): ControlEvent | undefined {
  try {
    const value: unknown = typeof data === 'string' ? JSON.parse(data) : undefined;
    return isControlEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The numbers, texts and flags that each event must have. Its types are the contract's; the guest is not trusted to keep to them. */
const SHAPES: Record<ControlEvent['t'], { numbers?: string[]; texts?: string[]; flags?: string[] }> = {
  pong: { numbers: ['at'] },
  display: { numbers: ['width', 'height'] },
  cursor: { numbers: ['width', 'height', 'hotX', 'hotY'], texts: ['png'] },
  copied: { texts: ['kind', 'data'], flags: ['first', 'more'] },
  policy: { texts: ['clipboard'] },
  people: { texts: ['policy'] },
  stats: { numbers: ['fps', 'kbps', 'dropped'], texts: ['encoder'] },
};

function isControlEvent(value: unknown): value is ControlEvent {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const shape = Object.hasOwn(SHAPES, String(fields.t)) ? SHAPES[fields.t as ControlEvent['t']] : undefined;
  if (!shape) return false;
  const { numbers = [], texts = [], flags = [] } = shape;
  return (
    (fields.t !== 'people' || (Array.isArray(fields.people) && fields.people.every(isPerson))) &&
    numbers.every((name) => Number.isFinite(fields[name])) &&
    texts.every((name) => typeof fields[name] === 'string') &&
    flags.every((name) => typeof fields[name] === 'boolean')
  );
}

function isPerson(value: unknown): value is Person {
  const { id, name, role, isYou, hasControl, isAsking } = (value ?? {}) as Record<string, unknown>;
  return (
    Number.isFinite(id) &&
    (name === undefined || typeof name === 'string') &&
    typeof role === 'string' &&
    [isYou, hasControl, isAsking].every((flag) => typeof flag === 'boolean')
  );
}

function send(channel: RTCDataChannel, message: unknown): void {
  if (channel.readyState === 'open') channel.send(JSON.stringify(message));
}
