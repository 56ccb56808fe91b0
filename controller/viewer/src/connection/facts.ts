import type { ViewerQuality } from '#contract/quality';
import type { ViewerStats } from '../stats.ts';
import { STRINGS } from '../strings.ts';

const WORDS = STRINGS.link;

/** What is known of a connection, a line for each thing; of what is not known there is none. `quality` is that of the last second. */
export function toFacts(stats: ViewerStats, quality: ViewerQuality | undefined): [string, string][] {
  if (!stats.transport) return [[WORDS.way, STRINGS.transports.none]];
  const isWebrtc = stats.transport === 'webrtc';
  const facts: [string, string | undefined][] = [
    [WORDS.way, isWebrtc ? WORDS.ways(stats.codec, stats.route) : STRINGS.transports.vnc],
    [WORDS.desktop, stats.width > 0 ? STRINGS.size(stats.width, stats.height) : undefined],
  ];
  if (isWebrtc)
    facts.push(
      [WORDS.answer, ms(quality?.answerMs)],
      [WORDS.roundTrip, ms(quality?.rttMs)],
      [WORDS.picture, STRINGS.fps(Math.round(quality?.fps ?? stats.fps))],
      [WORDS.bitRate, STRINGS.bitRate(stats.kbps)],
      [WORDS.decoding, ms(quality?.decodeMs)],
      [WORDS.jitter, ms(quality?.jitterMs)],
      [WORDS.lost, quality?.lossPercent === undefined ? undefined : `${quality.lossPercent.toFixed(1)} %`],
      [WORDS.carries, stats.encoder?.linkKbps === undefined ? undefined : STRINGS.bitRate(stats.encoder.linkKbps)],
      [WORDS.queue, ms(stats.encoder?.queueMs)],
      [WORDS.encoder, stats.encoder && WORDS.encoded(stats.encoder)],
      [WORDS.encoding, ms(stats.encoder?.encodeMs)],
    );
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

const ms = (value: number | undefined) => (value === undefined ? undefined : STRINGS.roundTrip(value));
