/**
 * A browser decodes Opus as mono unless its own description says `stereo=1` (RFC 7587, 7.1), and no API says it for a page. Other sections, and
 * an offer without Opus, are left as they are.
 */
export function withStereo(sdp: string): string {
  const opus = /^a=rtpmap:(\d+) opus\/48000\/2\r?$/im.exec(sdp)?.[1];
  if (opus === undefined) return sdp;
  return sdp.replace(new RegExp(`^a=fmtp:${opus} (?!.*\\bstereo=)[^\\r\\n]*`, 'm'), '$&;stereo=1');
}

/** Makes an offer the connection's own: as the browser writes it, but for stereo where it has sound. */
export async function setOffer(connection: RTCPeerConnection): Promise<void> {
  const hasSound = connection.getTransceivers().some(({ receiver }) => receiver.track.kind === 'audio');
  if (!hasSound) return connection.setLocalDescription();
  const { sdp = '' } = await connection.createOffer();
  // A browser that wants its own words only gets them.
  await connection.setLocalDescription({ type: 'offer', sdp: withStereo(sdp) }).catch(() => connection.setLocalDescription());
}
