import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../src/host/run.ts';

/** What a program in a clone asks the proxy for: a page (GET), or a tunnel through which it then says `say`. */
export interface Question {
  proxy: string;
  get?: string;
  /** What a page's request says in its Host header; that of its address unless told. */
  host?: string;
  connect?: string;
  say?: string;
}

export interface Reply {
  /** 0 when the proxy hung up without an answer. */
  status: number;
  text: string;
}

/** Asks all of them at once, from inside a network namespace. */
export async function askFrom(netns: string | undefined, questions: readonly Question[]): Promise<Reply[]> {
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', import.meta.filename, JSON.stringify(questions)];
  return JSON.parse(await run(argv, netns === undefined ? {} : { netns })) as Reply[];
}

async function ask({ proxy, get, host: hostHeader, connect, say }: Question): Promise<Reply> {
  const [host, port] = proxy.split(':');
  const { promise, resolve } = Promise.withResolvers<Reply>();
  const sent = request({
    host,
    port,
    agent: false,
    method: connect ? 'CONNECT' : 'GET',
    path: connect ?? get,
    headers: get ? { host: hostHeader ?? new URL(get).host } : {},
  });
  const hungUp = (error: NodeJS.ErrnoException) => resolve({ status: 0, text: error.code ?? error.message });
  sent.on('error', hungUp);
  sent.on('response', (response) => void text(response).then((body) => resolve({ status: response.statusCode!, text: body }), hungUp));
  sent.on('connect', (response, socket, head) => {
    socket.on('error', hungUp);
    if (response.statusCode !== 200) return resolve({ status: response.statusCode!, text: head.toString() + response.statusMessage });
    // What the server says first may come with the proxy's answer.
    if (head.length > 0) socket.unshift(head);
    socket.end(say ?? '');
    text(socket).then((answer) => resolve({ status: 200, text: answer }), hungUp);
  });
  sent.end();
  return Promise.race([promise, sleep(4_000, { status: 0, text: 'silence' }, { ref: false })]);
}

if (import.meta.main) {
  const replies = await Promise.all((JSON.parse(process.argv[2]!) as Question[]).map(ask));
  process.stdout.write(JSON.stringify(replies));
  process.exit();
}
