import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectSocket } from '../../vm/connect-socket.ts';

/** QEMU said no to a command, said something that is no QMP, or said nothing within the limit. */
export class QmpFailed extends Error {
  override readonly name = 'QmpFailed';
  readonly code = 'qmp_failed';
}

interface Reply {
  QMP?: object;
  return?: unknown;
  error?: { class: string; desc: string };
  event?: string;
}

const CONNECT_AGAIN_MS = 5;
const GREETING_MS = 1_500;
/** Not made, made and not listening, or with another that waits. */
const NOT_YET = ['ENOENT', 'ECONNREFUSED', 'EAGAIN'];
/** A VMM that a guest has taken over does not fill the controller's memory. */
const LINE_MAX = 1 << 20;

/**
 * A connection to QEMU's monitor (https://www.qemu.org/docs/master/interop/qmp-spec.html), one command after the other. A library is
 * more than this needs, and none is kept well.
 */
export class Qmp {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = readLines(socket);
  }

  /** Connects when the socket is there, and makes it listen to commands. Gives up when `signal` aborts. */
  static async connect(path: string, signal: AbortSignal): Promise<Qmp> {
    for (;;) {
      const socket = await connectAgain(path, signal);
      const patience = AbortSignal.timeout(GREETING_MS);
      try {
        return await Qmp.#greet(socket, signal, patience);
      } catch (error) {
        socket.destroy();
        // Who connects while QEMU still sets its monitor up may be heard by nobody (seen with 7.2): it is asked anew.
        if (signal.aborted || !patience.aborted) throw error;
      }
    }
  }

  static async #greet(socket: Socket, signal: AbortSignal, patience: AbortSignal): Promise<Qmp> {
    // What a caller sees is the command that has no reply.
    socket.on('error', () => {});
    destroyWith(socket, signal);
    const keep = destroyWith(socket, patience);
    const qmp = new Qmp(socket);
    if (!(await qmp.#read('greeting')).QMP) throw new QmpFailed('greeting: not QEMU');
    await qmp.execute('qmp_capabilities');
    keep();
    return qmp;
  }

  /** The reply to a command. Throws QmpFailed with its name; never with its arguments, which may be secret. */
  async execute(command: string, args?: Record<string, unknown>): Promise<unknown> {
    const text = `${JSON.stringify({ execute: command, ...(args && { arguments: args }) })}\n`;
    this.#socket.write(text);
    for (;;) {
      const reply = await this.#read(command);
      // Who connects while QEMU still sets its monitor up is greeted twice, and what was said in between is lost (seen with 7.2).
      if (reply.QMP) {
        this.#socket.write(text);
        continue;
      }
      if (reply.error) throw new QmpFailed(`${command}: ${hide(String(reply.error.desc), args)}`);
      if ('return' in reply) return reply.return;
      if (!reply.event) throw new QmpFailed(`${command}: neither a reply nor an event came back`);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  async #read(what: string): Promise<Reply> {
    const { value, done } = await this.#lines.next().catch(() => ({ value: '', done: true }));
    if (done) throw new QmpFailed(`${what}: QEMU closed the connection`);
    const reply = parse(value);
    if (typeof reply !== 'object' || reply === null) throw new QmpFailed(`${what}: QEMU said what is no QMP`);
    return reply;
  }
}

/** Ends a connection when the signal aborts, unless the function that it gives was called before. */
function destroyWith(socket: Socket, signal: AbortSignal): () => void {
  const destroy = () => socket.destroy();
  const keep = () => signal.removeEventListener('abort', destroy);
  signal.addEventListener('abort', destroy, { once: true });
  socket.once('close', keep);
  if (signal.aborted) destroy();
  return keep;
}

/** Ends with the connection, whoever ended it (readline's lines go on waiting when the socket is destroyed). */
async function* readLines(socket: Socket): AsyncGenerator<string, string> {
  let rest = '';
  for await (const chunk of socket.setEncoding('utf8')) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = lines.pop()!;
    if (rest.length > LINE_MAX) break;
    yield* lines;
  }
  return '';
}

function parse(text: string): Reply | undefined {
  try {
    return JSON.parse(text) as Reply;
  } catch {
    return undefined;
  }
}

/** QEMU's words without those that it was given. */
function hide(text: string, args: Record<string, unknown> = {}): string {
  return Object.values(args).reduce<string>((said, value) => said.replaceAll(String(value), '…'), text);
}

async function connectAgain(path: string, signal: AbortSignal): Promise<Socket> {
  for (;;) {
    try {
      return await connectSocket(path);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (!NOT_YET.includes(code ?? '')) throw new QmpFailed(`connection: ${message}`, { cause: error });
    }
    if (signal.aborted) throw new QmpFailed('QEMU did not open its socket', { cause: signal.reason });
    await sleep(CONNECT_AGAIN_MS);
  }
}
