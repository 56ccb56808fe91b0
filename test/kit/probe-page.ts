/** One try to reach something. UDP counts as reached when an answer comes back. */
export interface Probe {
  kind: 'tcp' | 'udp';
  host: string;
  port: number;
}

export type Outcome = 'reached' | 'refused' | 'silence' | string;

/**
 * A program for the clone's Node: tries all at once, for at most `silenceMs`, and prints a JSON array of what each met.
 * Plain sockets: whatever the proxy variables say, this goes straight.
 */
export function toProbeProgram(probes: readonly Probe[], silenceMs: number): string {
  return `
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
const probes = ${JSON.stringify(probes)};
const tries = probes.map(({ kind, host, port }) => new Promise((resolve) => {
  setTimeout(resolve, ${silenceMs}, 'silence');
  const fail = ({ code }) => resolve(code === 'ECONNREFUSED' ? 'refused' : code);
  if (kind === 'tcp') return connect({ host, port }).on('connect', () => resolve('reached')).on('error', fail);
  const socket = createSocket('udp4').on('message', () => resolve('reached')).on('error', fail);
  for (const ms of [0, 0.25, 0.5].map((part) => part * ${silenceMs})) setTimeout(() => socket.send('hello', port, host, (error) => error && fail(error)), ms);
}));
console.log(JSON.stringify(await Promise.all(tries)));
process.exit();
`;
}
