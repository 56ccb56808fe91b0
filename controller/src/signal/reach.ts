import type { GuestAnswer } from '#contract/guest';
import type { Candidate } from '#contract/signal';
import { GUEST_NETWORK } from '#contract/network';
import type { Slot } from '../net/slot.ts';

/** Where a clone's media can be reached from outside: the same ports at each of these addresses. */
export interface Reach {
  addresses: readonly string[];
  portMin: number;
  portMax: number;
}

export function toReach(slot: Slot, publicAddresses: readonly string[]): Reach {
  return { addresses: [slot.routerAddress, ...publicAddresses], ...slot.media };
}

/**
 * A guest's answer as a browser can use it. The guest knows itself as 192.168.100.2: each of its candidates becomes one
 * per outside address. A candidate that names anything else is dropped: a guest must not point browsers at other hosts.
 */
export function rewriteAnswer(answer: GuestAnswer, reach: Reach): GuestAnswer {
  return {
    ...answer,
    answer: { type: 'answer', sdp: rewriteSdp(answer.answer.sdp, reach) },
    candidates: rewriteCandidates(answer.candidates, reach),
  };
}

export function rewriteCandidates(candidates: readonly Candidate[], reach: Reach): Candidate[] {
  // An empty candidate says that there will be no more.
  return candidates.flatMap((entry) =>
    entry.candidate ? rewriteCandidate(entry.candidate, reach).map((candidate) => ({ ...entry, candidate })) : [entry],
  );
}

export function rewriteSdp(sdp: string, reach: Reach): string {
  return sdp
    .split(/(?<=\n)/)
    .flatMap((line) => rewriteLine(line, reach))
    .join('');
}

function rewriteLine(line: string, reach: Reach): string[] {
  const [, text = '', end = ''] = /^(.*?)(\r?\n?)$/s.exec(line) ?? [];
  if (text.startsWith('a=candidate:')) return rewriteCandidate(text.slice(2), reach).map((candidate) => `a=${candidate}${end}`);
  return [text.replace(GUEST_CONNECTION, `$1${reach.addresses[0]}`) + end];
}

/** `c=IN IP4 …`, `a=rtcp:9 IN IP4 …` and `o=… IN IP4 …` with the guest's own address. */
const GUEST_CONNECTION = new RegExp(`^((?:c=|o=.* |a=rtcp:\\d+ )IN IP4 )${GUEST_NETWORK.address.replaceAll('.', '\\.')}\\b`);

/*
 *  candidate:foundation component transport priority address port typ type …   (RFC 8839, 5.1)
 */
const CANDIDATE = /^candidate:(\S+) (\d+) (\S+) (\d+) (\S+) (\d+) typ (\S+)(.*)$/;

/** One candidate for each outside address; none for what cannot be reached. */
function rewriteCandidate(candidate: string, { addresses, portMin, portMax }: Reach): string[] {
  const [, foundation, component, transport, priority, address, port, type, rest = ''] = CANDIDATE.exec(candidate) ?? [];
  const inRange = Number(port) >= portMin && Number(port) <= portMax;
  if (address !== GUEST_NETWORK.address || transport?.toLowerCase() !== 'udp' || type !== 'host' || !inRange) return [];
  return addresses.map((outside, index) => {
    // One step of local preference less each, so that no two have the same priority (RFC 8445, 5.1.2.1).
    const lower = Math.max(1, Number(priority) - index * 256);
    return `candidate:${`${foundation}${index || ''}`.slice(-32)} ${component} ${transport} ${lower} ${outside} ${port} typ host${rest}`;
  });
}
