import type { ControlEvent } from '#contract/input';
import type { SessionStatus } from '#contract/session';
import type { Transport } from './choice.ts';
import type { Size } from './input/desktop-point.ts';
import { isOver } from './session-watch.ts';
import type { Loss } from './transport/health.ts';
import type { LinkStats } from './transport/link-stats.ts';

/** `waiting` for the machine, `connecting` to it, `live`, `reconnecting`; `refused`: the link is not good; `failed` and `ended`: the session's last words. */
export type ViewerState = 'waiting' | 'connecting' | 'live' | 'reconnecting' | 'refused' | 'failed' | 'ended';

/** What the viewer knows about itself, for the state line, tests and embedders. Plain data. */
export type ViewerStats = LinkStats & {
  state: ViewerState;
  transport: Transport | undefined;
  mode: 'auto' | 'vnc';
  status: SessionStatus | undefined;
  /** The controller does not answer; what is connected goes on without it. */
  isAway: boolean;
  /** The desktop, and the video of it, in pixels. */
  width: number;
  height: number;
  videoWidth: number;
  videoHeight: number;
  /** Frames shown in the last second: 0 on a still desktop. */
  fps: number;
  roundTripMs: number | undefined;
  /** From a click or key to the picture that answers it, ms, median of the last ones; undefined before the first. */
  answerMs: number | undefined;
  /** Tries since the last good connection, and pictures that came in all. */
  tries: number;
  pictures: number;
  /** How often the guest agreed to another way on the same connection (ICE restart). */
  restarts: number;
  lastLoss: Loss | undefined;
  encoder: Omit<Extract<ControlEvent, { t: 'stats' }>, 't'> | undefined;
};

/** The state from what is known: the session's end comes before all that the connection does. */
export function toViewerState(known: {
  isRefused: boolean;
  status: SessionStatus | undefined;
  shown: Transport | undefined;
  pictures: number;
  connectingAt: number | undefined;
}): ViewerState {
  if (known.isRefused) return 'refused';
  if (known.status === 'failed') return 'failed';
  if (known.status && isOver(known.status)) return 'ended';
  if (known.shown) return 'live';
  if (known.pictures > 0) return 'reconnecting';
  return known.connectingAt === undefined ? 'waiting' : 'connecting';
}

export type StatsSources = {
  state: ViewerState;
  transport: Transport | undefined;
  mode: 'auto' | 'vnc';
  status: SessionStatus | undefined;
  isAway: boolean;
  desktop: Size;
  video: Size;
  fps: number;
  link: LinkStats;
  roundTripMs: number | undefined;
  answerMs: number | undefined;
  tries: number;
  pictures: number;
  restarts: number;
  loss: Loss | undefined;
  encoder: Extract<ControlEvent, { t: 'stats' }> | undefined;
};

export function toViewerStats({ desktop, video, link, loss, encoder, ...same }: StatsSources): ViewerStats {
  return {
    ...same,
    ...link,
    width: desktop.width,
    height: desktop.height,
    videoWidth: video.width,
    videoHeight: video.height,
    lastLoss: loss,
    encoder: encoder && {
      fps: encoder.fps,
      kbps: encoder.kbps,
      encoder: encoder.encoder,
      dropped: encoder.dropped,
      ignored: encoder.ignored ?? 0,
      ...toKnown(encoder, ['encodeMs', 'linkKbps', 'queueMs']),
    },
  };
}

/** The guest is not trusted to keep to its own shapes: what is no number is left out. */
function toKnown<Name extends string>(told: Partial<Record<Name, number>>, names: readonly Name[]): Partial<Record<Name, number>> {
  return Object.fromEntries(names.flatMap((name) => (Number.isFinite(told[name]) ? [[name, told[name]]] : []))) as Partial<
    Record<Name, number>
  >;
}
