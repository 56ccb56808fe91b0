import { connect } from 'node:net';
import { run } from '../../src/host/run.ts';

/** What a program in a clone says to the proxy, byte by byte, in base64; and how many say it at one time. */
export interface Speech {
  proxy: string;
  sayings: string[];
  atOnce: number;
}

const ANSWER_MOST = 4_096;
/** After the last byte that came. */
const SILENCE_MS = 400;

/** Says them from inside a network namespace; resolves with what was answered to each until it was closed, or nothing came any more. */
export async function sayFrom(netns: string, speech: Speech): Promise<string[]> {
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', import.meta.filename];
  const answers = await run(argv, { netns, input: JSON.stringify(speech), timeoutMs: 120_000 });
  return (JSON.parse(answers) as string[]).map((text) => Buffer.from(text, 'base64').toString('latin1'));
}

async function sayAll({ proxy, sayings, atOnce }: Speech): Promise<string[]> {
  const answers: string[] = [];
  const queue = [...sayings.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) answers[next[0]] = await say(proxy, Buffer.from(next[1], 'base64'));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return answers;
}

function say(proxy: string, bytes: Buffer): Promise<string> {
  const [host, port] = proxy.split(':');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host, port: Number(port) });
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (chunks.reduce((sum, { length }) => sum + length, 0) > ANSWER_MOST) socket.destroy();
    });
    socket.on('error', () => {}).on('close', () => resolve(Buffer.concat(chunks).toString('base64')));
    socket.write(bytes);
  });
}

if (import.meta.main) {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk as string;
  process.stdout.write(JSON.stringify(await sayAll(JSON.parse(text) as Speech)), () => process.exit());
}
