/*
 * The few lines of SDP that are ours to read or to set right. The rest is werift's.
 */

/** Which peer connection of the browser made it: the same in all its offers, an ICE restart included (`o=`, RFC 8829 5.2.1). */
export function toOrigin(sdp: string): string | undefined {
  return /^o=\S+ (\S+) /m.exec(sdp)?.[1];
}

/**
 * Without candidates. An ICE-lite agent checks nothing, so it has no use for the addresses of the other side; and werift would ask
 * the network for the `.local` ones.
 */
export function withoutCandidates(sdp: string): string {
  return dropLines(sdp, (line) => line.startsWith('a=candidate:') || line.startsWith('a=end-of-candidates'));
}

/** werift writes `a=ice-lite` for each media section, where browsers do not look for it: it belongs to the session (RFC 8839 5.3). */
export function withSessionIceLite(sdp: string): string {
  return dropLines(sdp, (line) => line === 'a=ice-lite').replace(/^t=.*\r\n/m, '$&a=ice-lite\r\n');
}

/** Longest message that a viewer may send, bytes: more than any event has. */
const MESSAGE_MAX_BYTES = 1024;

/**
 * Asks for short messages, each in one chunk of SCTP. A long one is sent in several, and a channel of werift's stands still for ever
 * when the browser gives up a late move (FORWARD TSN) between two of them: it throws the first away.
 */
export function withShortMessages(sdp: string): string {
  return sdp.replace(/^a=max-message-size:\d+/gm, `a=max-message-size:${MESSAGE_MAX_BYTES}`);
}

/** The id that the SDP gives to a header extension. */
export function toExtensionId(sdp: string, uri: string): number | undefined {
  const line = sdp.split(/\r?\n/).find((one) => one.startsWith('a=extmap:') && one.split(' ')[1] === uri);
  return line === undefined ? undefined : Number.parseInt(line.slice('a=extmap:'.length), 10);
}

function dropLines(sdp: string, isDropped: (line: string) => boolean): string {
  return sdp
    .split(/\r?\n/)
    .filter((line) => !isDropped(line))
    .join('\r\n');
}
