import type { PacketResult } from './sent-packets.ts';

/** How the time between two groups of packets changed on the way. */
export interface GroupDelta {
  sendMs: number;
  arrivalMs: number;
  /** When the later group was there, ms of the viewer's clock. */
  atMs: number;
}

interface Group {
  firstSentMs: number;
  sentMs: number;
  firstArrivalMs: number;
  arrivalMs: number;
}

/** Packets that left within this time are one group: the sender, not the link, put them together. */
const BURST_MS = 5;
const MOST_BURST_MS = 100;
/** The clock went back, or the viewer slept: no measure of a queue. */
const MOST_STEP_MS = 3000;

/** Inter-arrival: compares whole groups, as packets that left together say nothing of the link by their distance (draft-ietf-rmcat-gcc-02, 5.2). */
export class PacketGroups {
  #before: Group | undefined;
  #current: Group | undefined;

  add({ sentMs, arrivalMs }: PacketResult & { arrivalMs: number }): GroupDelta | undefined {
    const current = this.#current;
    if (current && sentMs < current.firstSentMs) return undefined; // late, or sent again: its group is over
    if (current && this.#belongs(current, sentMs, arrivalMs)) {
      current.sentMs = Math.max(current.sentMs, sentMs);
      current.arrivalMs = Math.max(current.arrivalMs, arrivalMs);
      return undefined;
    }
    const delta = this.#before && current && toDelta(this.#before, current);
    this.#before = current;
    this.#current = { firstSentMs: sentMs, sentMs, firstArrivalMs: arrivalMs, arrivalMs };
    if (!delta || Math.abs(delta.arrivalMs - delta.sendMs) <= MOST_STEP_MS) return delta;
    this.#before = undefined;
    return undefined;
  }

  /** Also packets that came together although they had left apart: something held them up, which is not a queue that grows. */
  #belongs(group: Group, sentMs: number, arrivalMs: number): boolean {
    if (sentMs - group.firstSentMs <= BURST_MS) return true;
    const sendMs = sentMs - group.sentMs;
    const gapMs = arrivalMs - group.arrivalMs;
    return gapMs < sendMs && gapMs <= BURST_MS && arrivalMs - group.firstArrivalMs < MOST_BURST_MS;
  }
}

function toDelta(before: Group, after: Group): GroupDelta {
  return { sendMs: after.sentMs - before.sentMs, arrivalMs: after.arrivalMs - before.arrivalMs, atMs: after.arrivalMs };
}
