/*
 * What a viewer says of packets' arrivals: RTCP transport feedback, format 15
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1).
 */

/** The message, its bits already taken apart. */
export interface WireFeedback {
  baseSequenceNumber: number;
  packetStatusCount: number;
  /** In units of 64 ms, 24 bits. */
  referenceTime: number;
  packetChunks: readonly WireChunk[];
  /** One for each packet that came, µs after the one before it. */
  recvDeltas: readonly { delta: number }[];
}

export type WireChunk = { packetStatus: number; runLength: number } | { symbolSize: number; symbolList: readonly number[] };

export interface Feedback {
  /** Transport-wide sequence number of the first packet, 16 bits. */
  base: number;
  /** For each packet from there on: when it came, ms of the viewer's clock; undefined when it has not come. */
  arrivals: (number | undefined)[];
}

const REFERENCE_MS = 64;
const SMALL_DELTA = 1;
const LARGE_DELTA = 2;

/** Undefined when the message contradicts itself. */
export function toFeedback(wire: WireFeedback): Feedback | undefined {
  const statuses = wire.packetChunks.flatMap(toStatuses).slice(0, wire.packetStatusCount);
  const isCome = (status: number) => status === SMALL_DELTA || status === LARGE_DELTA;
  if (statuses.length < wire.packetStatusCount || statuses.filter(isCome).length > wire.recvDeltas.length) return undefined;
  let atMs = wire.referenceTime * REFERENCE_MS;
  let index = 0;
  const arrivals = statuses.map((status) => {
    if (!isCome(status)) return undefined;
    atMs += wire.recvDeltas[index++]!.delta / 1000;
    return atMs;
  });
  return { base: wire.baseSequenceNumber, arrivals };
}

function toStatuses(chunk: WireChunk): number[] {
  if ('runLength' in chunk) return new Array<number>(chunk.runLength).fill(chunk.packetStatus);
  // With one bit for each packet, 1 is a small delta.
  return [...chunk.symbolList];
}
