/** As long as a browser's for one video and three data channels, and as well-formed as the controller asks for. */
export const SDP = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789012345678901',
  ...Array.from({ length: 120 }, (_, index) => `a=fmtp:${96 + (index % 30)} some-parameter=${index};another-one=${index * 7}`),
  '',
].join('\r\n');
