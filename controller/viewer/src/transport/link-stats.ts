/** What the viewer says of its WebRTC connection. */
export type LinkStats = {
  framesDecoded: number;
  framesDropped: number;
  /** Time that decoding them took in all, s. */
  decodeSeconds: number;
  packetsLost: number;
  packetsReceived: number;
  bytesReceived: number;
  /** How unevenly packets come (RFC 3550, 6.4.1), ms. */
  jitterMs: number;
  kbps: number;
  codec: string;
  /** Kind of the browser's own candidate: `host`, `srflx`, `prflx`, or `relay` when TURN is between. */
  route: string;
};

export const NO_STATS: LinkStats = {
  framesDecoded: 0,
  framesDropped: 0,
  decodeSeconds: 0,
  packetsLost: 0,
  packetsReceived: 0,
  bytesReceived: 0,
  jitterMs: 0,
  kbps: 0,
  codec: '',
  route: '',
};

type Entry = Record<string, unknown> & { id: string; type: string };

/** Reads a report (https://www.w3.org/TR/webrtc-stats/). `kbps` is over the time since `before`. */
export function toLinkStats(report: Iterable<Entry>, before: LinkStats, elapsedMs: number): LinkStats {
  const entries = new Map([...report].map((entry) => [entry.id, entry]));
  const of = (type: string) => [...entries.values()].filter((entry) => entry.type === type);
  const video = of('inbound-rtp').find(({ kind }) => kind === 'video');
  const pair = entries.get(String(of('transport')[0]?.selectedCandidatePairId));
  const bytesReceived = toNumber(video?.bytesReceived);
  return {
    framesDecoded: toNumber(video?.framesDecoded),
    framesDropped: toNumber(video?.framesDropped),
    decodeSeconds: toNumber(video?.totalDecodeTime),
    packetsLost: toNumber(video?.packetsLost),
    packetsReceived: toNumber(video?.packetsReceived),
    bytesReceived,
    jitterMs: toNumber(video?.jitter) * 1000,
    kbps: elapsedMs > 0 ? Math.max(0, Math.round(((bytesReceived - before.bytesReceived) * 8) / elapsedMs)) : 0,
    codec: String(entries.get(String(video?.codecId))?.mimeType ?? '').replace(/^video\//, ''),
    route: String(entries.get(String(pair?.localCandidateId))?.candidateType ?? ''),
  };
}

const toNumber = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
