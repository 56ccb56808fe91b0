import type { Candidate, OfferBody } from '#contract/signal';
import { Refusal } from '../refusal.ts';

/** A browser's offer as the guest can use it. Throws Refusal when it is no SDP. */
export function cleanOffer(body: OfferBody): OfferBody {
  checkSdp(body.offer.sdp);
  return {
    ...body,
    offer: { type: 'offer', sdp: withoutLocalNames(body.offer.sdp) },
    ...(body.candidates && { candidates: cleanCandidates(body.candidates) }),
  };
}

/** Browsers hide their addresses behind .local names, which only multicast could resolve, and a clone has none. */
export function cleanCandidates(candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ candidate }) => !hasLocalName(candidate));
}

/** Throws Refusal for a text that no WebRTC peer could have written; what passes may still be wrong in its depth. */
export function checkSdp(sdp: string): void {
  const lines = sdp.split(/\r?\n/).filter(Boolean);
  const problem =
    lines[0] !== 'v=0'
      ? 'the first line must be v=0'
      : lines.some((line) => !/^[a-z]=/.test(line))
        ? 'every line must be like a=…'
        : !lines.some((line) => line.startsWith('m='))
          ? 'there is no line m=…'
          : !/^a=ice-ufrag:\S+$/m.test(lines.join('\n'))
            ? 'there is no line a=ice-ufrag:…'
            : undefined;
  if (problem) throw new Refusal(400, 'sdp_malformed', `the SDP is malformed: ${problem}`);
}

function withoutLocalNames(sdp: string): string {
  return sdp
    .split(/(?<=\n)/)
    .filter((line) => !(line.startsWith('a=candidate:') && hasLocalName(line)))
    .join('');
}

function hasLocalName(candidate: string): boolean {
  return /^(?:a=)?candidate:(?:\S+ ){4}\S+\.local /i.test(candidate);
}
