/** What a page in the desktop's own browser tries. */
export type PageProbe =
  | { kind: 'websocket'; url: string }
  | { kind: 'fetch'; url: string }
  /** A peer that would be at this address; what it is sent has the mark in it, for whoever sees it. */
  | { kind: 'peer'; transport: 'udp' | 'tcp'; host: string; port: number; mark: string };

/** A page that asks for the probes of each round at `url`/1, `url`/2 …, tries all at once and posts what each came to. */
export function toPage(url: string): string {
  return `<!doctype html><meta charset="utf-8"><title>escape</title><script type="module">
${TRIES}
for (let round = 1; round < 10; round++) {
  const url = ${JSON.stringify(url)} + '/' + round;
  let reply;
  while (!(reply = await fetch(url)).ok) await new Promise((resolve) => setTimeout(resolve, 200));
  const { probes, silenceMs } = await reply.json();
  const tries = probes.map((probe) => new Promise((resolve) => {
    setTimeout(resolve, silenceMs, 'silence');
    Promise.resolve(TRIES[probe.kind](probe, resolve)).catch((error) => resolve(error.message));
  }));
  await fetch(url + '/answer', { method: 'POST', body: JSON.stringify(await Promise.all(tries)) });
}
</script>`;
}

const TRIES = String.raw`
const TRIES = {
  websocket({ url }, done) {
    const socket = new WebSocket(url);
    socket.onopen = () => done('reached');
    socket.onclose = ({ code }) => done('closed ' + code);
  },
  fetch: ({ url }, done) => fetch(url).then((response) => response.text()).then((text) => done(/^inside/.test(text) ? 'reached' : text.slice(0, 100))),
  async peer({ transport, host, port, mark }) {
    const connection = new RTCPeerConnection();
    connection.createDataChannel('out');
    await connection.setLocalDescription();
    const candidate = transport === 'udp' ? '1 1 udp 2130706431 ' + host + ' ' + port + ' typ host' : '1 1 tcp 1518280447 ' + host + ' ' + port + ' typ host tcptype passive';
    await connection.setRemoteDescription({ type: 'answer', sdp: [
      'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', 'a=mid:0',
      'a=ice-ufrag:escape' + mark, 'a=ice-pwd:0123456789012345678901', 'a=fingerprint:sha-256 ' + Array(32).fill('00').join(':'), 'a=setup:active', 'a=sctp-port:5000',
      'a=candidate:' + candidate, '',
    ].join('\r\n') });
  },
};`;
