/** Why a peer connection, or its way, was given up. Shown in the viewer's statistics, and in words on the page. */
export type Loss = 'no_answer' | 'no_route' | 'ice_failed' | 'disconnected' | 'closed' | 'silent' | 'no_picture' | 'stalled' | 'signalling';

/** What was seen of a peer connection since the last look. */
export type Look = {
  /** Milliseconds between the looks. A page that slept looks late: see `toNextVitals`. */
  elapsedMs: number;
  connection: RTCPeerConnectionState;
  /** Something came from the guest: a pong, any message, a frame. */
  heard: boolean;
  /** A frame was decoded. */
  frame: boolean;
  /** Frames a second that the guest's encoder says it makes; 0 on a still desktop. */
  encoderFps: number;
};

/** How long each thing has lasted, in ms, since the answer came. */
export type Vitals = {
  connectingMs: number;
  disconnectedMs: number;
  silentMs: number;
  picturelessMs: number;
  stalledMs: number;
  hasHeard: boolean;
  hasPicture: boolean;
  connection: RTCPeerConnectionState;
  encoderFps: number;
};

export const NEWBORN: Vitals = {
  connectingMs: 0,
  disconnectedMs: 0,
  silentMs: 0,
  picturelessMs: 0,
  stalledMs: 0,
  hasHeard: false,
  hasPicture: false,
  connection: 'new',
  encoderFps: 0,
};

/** A look that comes later than this tells nothing about the time before it: the page slept, not the guest. */
const LOOK_MOST_MS = 500;

/** Takes one look into account. */
export function toNextVitals(vitals: Vitals, look: Look): Vitals {
  const ms = Math.min(look.elapsedMs, LOOK_MOST_MS);
  const connected = look.connection === 'connected';
  const hasPicture = vitals.hasPicture || look.frame;
  return {
    connection: look.connection,
    encoderFps: look.encoderFps,
    hasHeard: vitals.hasHeard || look.heard,
    hasPicture,
    connectingMs: connected ? 0 : vitals.connectingMs + ms,
    disconnectedMs: look.connection === 'disconnected' ? vitals.disconnectedMs + ms : 0,
    silentMs: connected && !look.heard ? vitals.silentMs + ms : 0,
    picturelessMs: connected && !hasPicture ? vitals.picturelessMs + ms : 0,
    stalledMs: hasPicture && !look.frame && look.encoderFps > 0 ? vitals.stalledMs + ms : 0,
  };
}

/**
 * Whether the connection is to be given up, and why. werift never says `disconnected` or good-bye, and the browser's own view lags
 * by 5 to 30 s: an unanswered ping is what tells soonest. `patience` multiplies each limit: an emulated desktop is slow.
 */
export function toLoss(vitals: Vitals, patience = 1): Loss | undefined {
  if (vitals.connection === 'failed') return 'ice_failed';
  if (vitals.connection === 'closed') return 'closed';
  if (vitals.disconnectedMs >= 2000 * patience) return 'disconnected';
  if (vitals.connectingMs >= 6000 * patience) return 'no_route';
  if (vitals.silentMs >= toSilenceMs(vitals) * patience) return 'silent';
  if (vitals.picturelessMs >= 6000 * patience) return 'no_picture';
  if (vitals.stalledMs >= 4000 * patience) return 'stalled';
  return undefined;
}

/**
 * How long a silence may be. Pings go out each half second, and a lost answer comes again a second later (werift's least time), so
 * two seconds on a still desktop; where many frames a second should come, their absence tells sooner.
 */
function toSilenceMs({ hasHeard, encoderFps }: Vitals): number {
  if (!hasHeard) return 5000;
  return encoderFps >= 10 ? 1250 : 2000;
}

/** True at the looks after which a key frame is to be asked for: each second without a picture, or with one that stands still. */
export function wantsKeyframe(before: Vitals, after: Vitals): boolean {
  const passed = (name: 'picturelessMs' | 'stalledMs') => Math.floor(after[name] / 1000) > Math.floor(before[name] / 1000);
  return passed('picturelessMs') || passed('stalledMs');
}
