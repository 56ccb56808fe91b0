import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

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

/**
 * A connection to QEMU's monitor (https://www.qemu.org/docs/master/interop/qmp-spec.html), one command after the other. A library is
 * more than this needs, and none is kept well.
 */
export class Qmp {
  readonly #socket: Socket;
  readonly #replies: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#replies = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  /** Connects when the socket is there, and makes it listen to commands. Gives up when `signal` aborts. */
  static async connect(path: string, signal: AbortSignal): Promise<Qmp> {
    const socket = await connectAgain(path, signal);
    // What a caller sees is the command that has no reply.
    socket.on('error', () => {});
    const stop = () => socket.destroy();
    signal.addEventListener('abort', stop, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', stop));
    const qmp = new Qmp(socket);
    try {
      if (!(await qmp.#read('greeting')).QMP) throw new QmpFailed('greeting: not QEMU');
      await qmp.execute('qmp_capabilities');
      return qmp;
    } catch (error) {
      qmp.close();
      throw error;
    }
  }

  /** The reply to a command. Throws QmpFailed with its name; never with its arguments, which may be secret. */
  async execute(command: string, args?: Record<string, unknown>): Promise<unknown> {
    this.#socket.write(`${JSON.stringify({ execute: command, ...(args && { arguments: args }) })}\n`);
    for (;;) {
      const reply = await this.#read(command);
      if (reply.error) throw new QmpFailed(`${command}: ${reply.error.desc}`);
      if ('return' in reply) return reply.return;
      if (!reply.event) throw new QmpFailed(`${command}: neither a reply nor an event came back`);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  async #read(what: string): Promise<Reply> {
    const { value, done } = await this.#replies.next();
    if (done) throw new QmpFailed(`${what}: QEMU closed the connection`);
    try {
      return JSON.parse(value) as Reply;
    } catch {
      throw new QmpFailed(`${what}: QEMU said what is no JSON`);
    }
  }
}

async function connectAgain(path: string, signal: AbortSignal): Promise<Socket> {
  for (;;) {
    const socket = connect(path);
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    socket.once('connect', () => resolve(undefined));
    socket.once('error', resolve);
    const error = (await promise) as NodeJS.ErrnoException | undefined;
    if (!error) return socket;
    if (error.code !== 'ENOENT' && error.code !== 'ECONNREFUSED') throw new QmpFailed(`connection: ${error.message}`, { cause: error });
    if (signal.aborted) throw new QmpFailed('connection: QEMU did not open its socket', { cause: signal.reason });
    await sleep(CONNECT_AGAIN_MS);
  }
}
