import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ports on which everybody who comes is answered: `tcp` accepts, `udp` sends back what it got. */
export interface Ports {
  tcp: number[];
  udp: number[];
  /** Address to bind; all without. */
  host?: string;
}

/** Answers inside a network namespace (the test's own when undefined) until disposed of. */
export async function startEcho(netns: string | undefined, ports: Ports): Promise<AsyncDisposable> {
  const enter = netns === undefined ? [] : ['nsenter', `--net=/run/netns/${netns}`, '--'];
  const argv = [...enter, process.execPath, '--disable-warning=ExperimentalWarning', import.meta.filename, JSON.stringify(ports)];
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const exited = once(child, 'exit');
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

if (import.meta.main) {
  const { tcp, udp, host } = JSON.parse(process.argv[2]!) as Ports;
  for (const port of tcp) {
    const server = createServer((socket) => socket.on('error', () => {}).end()).listen(port, host);
    await once(server, 'listening');
  }
  for (const port of udp) {
    const socket = createSocket(host?.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (message, from) => socket.send(message, from.port, from.address)).bind(port, host);
    await once(socket, 'listening');
  }
  // Ends with the test, however the test ends.
  process.stdin.on('end', () => process.exit()).resume();
  process.stdout.write('ready\n');
}
