import { STRINGS } from './strings.ts';
import type { ViewerStats } from './stats.ts';

/** The state line: transport, resolution, frame rate, bit rate, round trip; what is not known is left out. That the controller is away is said here, and not over a picture that lives. */
export function toStateLine(stats: ViewerStats): string {
  if (!stats.transport) return STRINGS.transports.none;
  const words: string[] = [STRINGS.transports[stats.transport]];
  if (stats.width > 0) words.push(STRINGS.size(stats.width, stats.height));
  if (stats.transport === 'webrtc') {
    words.push(STRINGS.fps(stats.fps), STRINGS.bitRate(stats.kbps));
    if (stats.roundTripMs !== undefined) words.push(STRINGS.roundTrip(stats.roundTripMs));
  }
  if (stats.isAway) words.push(STRINGS.away);
  return words.join(' · ');
}
