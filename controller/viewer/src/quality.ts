import type { ViewerQuality } from '#contract/quality';
import type { Transport } from './choice.ts';
import { NO_STATS, type LinkStats } from './transport/link-stats.ts';

/** What of the viewer's statistics is told to the controller. */
export type Seen = LinkStats & { transport: Transport | undefined; roundTripMs: number | undefined; answerMs?: number | undefined };

/** How the picture was between two looks; undefined when there is none. Counters that went back are a new connection's. */
export function toQuality(seen: Seen, before: LinkStats | undefined, elapsedMs: number): ViewerQuality | undefined {
  if (!seen.transport) return undefined;
  if (seen.transport === 'vnc') return { path: 'vnc' };
  const base = before && before.framesDecoded <= seen.framesDecoded && before.packetsReceived <= seen.packetsReceived ? before : NO_STATS;
  const since = (name: 'framesDecoded' | 'framesDropped' | 'decodeSeconds' | 'packetsLost' | 'packetsReceived') =>
    Math.max(0, seen[name] - base[name]);
  const frames = since('framesDecoded');
  const packets = since('packetsReceived') + since('packetsLost');
  return {
    path: 'webrtc',
    fps: round((frames * 1000) / Math.max(1, elapsedMs), 1000),
    framesDropped: round(since('framesDropped'), 1e6),
    ...(frames > 0 && { decodeMs: round((since('decodeSeconds') * 1000) / frames, 60_000) }),
    ...(seen.roundTripMs !== undefined && { rttMs: round(seen.roundTripMs, 60_000) }),
    ...(seen.answerMs !== undefined && { answerMs: round(seen.answerMs, 60_000) }),
    ...(packets > 0 && { lossPercent: round((since('packetsLost') * 100) / packets, 100), jitterMs: round(seen.jitterMs, 60_000) }),
  };
}

/** Tells at each call how the picture was since the one before. */
export function qualityReader(read: () => Seen, now = () => performance.now()): () => ViewerQuality | undefined {
  let before: LinkStats | undefined;
  let at = now();
  return () => {
    const seen = read();
    const quality = toQuality(seen, before, now() - at);
    [before, at] = [seen, now()];
    return quality;
  };
}

/** Never more than the contract takes: a heartbeat that is refused is none. */
const round = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value * 100) / 100));
