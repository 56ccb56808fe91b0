/*
 * An offer's audio sections, before werift sees them. One that may be answered stays; the others are cut out, and stand refused in the
 * answer, where there must be as many sections as in the offer (RFC 3264, 6). werift would gather a transceiver for each.
 */

/** A section that was cut out, by its place in the offer. */
export interface Refused {
  index: number;
  /** Its `m=` line's transport and formats. */
  rest: string;
  mid: string | undefined;
}

/** The offer with one audio section at most, and with none where there may be none. */
export function takeAudio(offer: string, isAllowed: boolean): { sdp: string; refused: Refused[] } {
  const [session, ...sections] = toSections(offer);
  const allowed = isAllowed ? sections.findIndex(isWanted) : -1;
  const isRefused = (section: string, index: number) => isAudio(section) && index !== allowed;
  const refused = sections.flatMap((section, index) => (isRefused(section, index) ? [toRefused(section, index)] : []));
  const kept = sections.filter((section, index) => !isRefused(section, index));
  const mids = refused.flatMap(({ mid }) => (mid === undefined ? [] : [mid]));
  return { sdp: [withoutMids(session!, mids), ...kept].join(''), refused };
}

/** The answer with the refused sections in their places. */
export function withRefused(answer: string, refused: readonly Refused[]): string {
  const [session, ...sections] = toSections(answer);
  for (const one of refused) sections.splice(one.index, 0, toRefusal(one));
  return [session, ...sections].join('');
}

/** The session's lines, then each media section's, every one with its line ends. */
function toSections(sdp: string): string[] {
  return sdp.split(/^(?=m=)/m);
}

const isAudio = (section: string): boolean => section.startsWith('m=audio');

/** Of one that its page has stopped, or in which it only speaks, there is nothing to answer. */
function isWanted(section: string): boolean {
  return isAudio(section) && !section.startsWith('m=audio 0 ') && !/^a=(?:sendonly|inactive)\r?$/m.test(section);
}

function toRefused(section: string, index: number): Refused {
  const rest = /^m=audio \d+ (.*?)\r?$/m.exec(section)?.[1] ?? 'UDP/TLS/RTP/SAVPF 0';
  return { index, rest, mid: /^a=mid:(\S+)/m.exec(section)?.[1] };
}

function toRefusal({ rest, mid }: Refused): string {
  const lines = [`m=audio 0 ${rest}`, 'c=IN IP4 0.0.0.0', ...(mid === undefined ? [] : [`a=mid:${mid}`]), 'a=inactive', ''];
  return lines.join('\r\n');
}

/** A section that is not there belongs to no bundle. */
function withoutMids(session: string, mids: readonly string[]): string {
  return session.replace(/^a=group:BUNDLE.*?(?=\r?$)/m, (line) =>
    line
      .split(' ')
      .filter((word, index) => index === 0 || !mids.includes(word))
      .join(' '),
  );
}
