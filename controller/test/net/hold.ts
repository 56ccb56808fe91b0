import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../src/host/run.ts';

export interface Hold {
  host: string;
  port: number;
  count: number;
  perSecond: number;
}

export interface Held {
  /** Connections that were made and stayed. */
  made: number;
  /** Those that were told no. */
  refused: number;
}

/** How long the last ones have to be answered. */
const LAST_MS = 700;
const TICK_MS = 20;

/** Opens connections from inside a network namespace, at this pace, and holds them; closes them all at the end. */
export async function holdConnections(netns: string, hold: Hold): Promise<Held> {
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', import.meta.filename, JSON.stringify(hold)];
  return JSON.parse(await run(argv, { netns, timeoutMs: 30_000 })) as Held;
}

/** Takes all who come, and holds them. */
export async function startHolding(host: string, port: number): Promise<AsyncDisposable> {
  const open = new Set<Socket>();
  const server = createServer((socket) => open.add(socket.on('error', () => {}).on('close', () => open.delete(socket))));
  server.listen({ host, port, backlog: 4_096 });
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function openAll({ host, port, count, perSecond }: Hold): Promise<Held> {
  const sockets = new Set<Socket>();
  let refused = 0;
  const began = performance.now();
  for (let begun = 0; begun < count; await sleep(TICK_MS))
    for (const due = Math.min(count, ((performance.now() - began) / 1000) * perSecond); begun < due; begun++) {
      const socket = connect({ host, port }).on('error', () => (refused += 1));
      sockets.add(socket);
    }
  await sleep(LAST_MS);
  const made = [...sockets].filter(({ readyState }) => readyState === 'open').length;
  for (const socket of sockets) socket.resetAndDestroy();
  return { made, refused };
}

if (import.meta.main) {
  process.stdout.write(JSON.stringify(await openAll(JSON.parse(process.argv[2]!) as Hold)), () => process.exit());
}
