import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { run } from '../../src/host/run.ts';

/** One try to reach something. UDP counts as reached when an answer comes back. */
export interface Probe {
  kind: 'tcp' | 'udp';
  host: string;
  port: number;
  /** Source address and port, when the probe wants its own. */
  from?: string;
  fromPort?: number;
}

export type Outcome = 'reached' | 'refused' | 'unreachable' | 'silence' | string;

const PATIENCE_MS = 700;

/** Tries all probes at once from inside a network namespace. */
export async function probeFrom(netns: string | undefined, probes: readonly Probe[]): Promise<Outcome[]> {
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', import.meta.filename, JSON.stringify(probes)];
  return JSON.parse(await run(argv, netns === undefined ? {} : { netns })) as Outcome[];
}

async function probe(target: Probe): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const timer = setTimeout(() => resolve('silence'), PATIENCE_MS);
  const close = target.kind === 'tcp' ? probeTcp(target, resolve) : probeUdp(target, resolve);
  const outcome = await promise;
  clearTimeout(timer);
  close();
  return outcome;
}

function probeTcp({ host, port, from, fromPort }: Probe, resolve: (outcome: Outcome) => void): () => void {
  const socket = connect({ host, port, ...(from ? { localAddress: from } : {}), ...(fromPort ? { localPort: fromPort } : {}) });
  socket.on('connect', () => resolve('reached')).on('error', (error) => resolve(toOutcome(error)));
  return () => socket.destroy();
}

function probeUdp({ host, port, from, fromPort }: Probe, resolve: (outcome: Outcome) => void): () => void {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', () => resolve('reached')).on('error', (error) => resolve(toOutcome(error)));
  socket.bind({ address: from, port: fromPort ?? 0 }, () =>
    socket.send('hello', port, host, (error) => {
      if (error) resolve(toOutcome(error));
    }),
  );
  return () => socket.close();
}

function toOutcome(error: NodeJS.ErrnoException): Outcome {
  if (error.code === 'ECONNREFUSED') return 'refused';
  if (error.code === 'EHOSTUNREACH' || error.code === 'ENETUNREACH') return 'unreachable';
  return error.code ?? error.message;
}

if (import.meta.main) {
  const outcomes = await Promise.all((JSON.parse(process.argv[2]!) as Probe[]).map(probe));
  process.stdout.write(JSON.stringify(outcomes));
}
