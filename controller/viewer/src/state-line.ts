import { STRINGS } from './strings.ts';
import type { ViewerStats } from './stats.ts';

/** The state line: transport, resolution, frame rate, bit rate, round trip; what is not known is left out. */
export function toStateLine(stats: ViewerStats): string {
  if (!stats.transport) return STRINGS.transports.none;
  const words: string[] = [STRINGS.transports[stats.transport]];
  if (stats.width > 0) words.push(STRINGS.size(stats.width, stats.height));
  if (stats.transport === 'webrtc') {
    words.push(STRINGS.fps(stats.fps), STRINGS.bitRate(stats.kbps));
    if (stats.roundTripMs !== undefined) words.push(STRINGS.roundTrip(stats.roundTripMs));
  }
  return words.join(' · ');
}
