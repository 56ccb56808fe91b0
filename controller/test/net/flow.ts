import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../src/host/run.ts';

/** Datagrams of one flow, to somebody who sends each back. */
export interface Flow {
  host: string;
  port: number;
  /** For so long, one each 5 ms. */
  ms: number;
}

const EVERY_MS = 5;
const LAST_MS = 500;

/** Sends from inside a network namespace; resolves with how many went out, and came back. */
export async function flowFrom(netns: string, flow: Flow): Promise<{ sent: number; back: number }> {
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', import.meta.filename, JSON.stringify(flow)];
  return JSON.parse(await run(argv, { netns })) as { sent: number; back: number };
}

if (import.meta.main) {
  const { host, port, ms } = JSON.parse(process.argv[2]!) as Flow;
  const socket = createSocket('udp4');
  let [sent, back] = [0, 0];
  socket.on('message', () => back++);
  for (const end = Date.now() + ms; Date.now() < end; await sleep(EVERY_MS)) socket.send(String(++sent), port, host);
  for (const end = Date.now() + LAST_MS; Date.now() < end && back < sent; await sleep(EVERY_MS));
  socket.close();
  process.stdout.write(JSON.stringify({ sent, back }));
}
