import { Agent, request, type ClientRequestArgs, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONFIG_WORD } from '#contract/machine-config';
import { connectSocket } from '../../vm/connect-socket.ts';
import type { ApiRequest } from './requests.ts';

/** Firecracker said no to a call, said what is no answer, or said nothing within the limit. Never has what was sent, which may be secret. */
export class FirecrackerFailed extends Error {
  override readonly name = 'FirecrackerFailed';
  readonly code = 'firecracker_failed';
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  constructor(message: string, { status, cause }: { status?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.status = status;
  }
}

/** One call; starting a machine reads the kernel and is the longest of those that make one. */
const CALL_MS = 3_000;
const CONNECT_AGAIN_MS = 5;
/** Answers are small. */
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_FAULT_CHARACTERS = 500;

/** The API of one Firecracker, over one connection that is kept: one call after the other. */
export class FirecrackerApi {
  readonly #callMs: number;
  readonly #agent: SocketAgent;

  constructor(socketPath: string, { callMs = CALL_MS } = {}) {
    this.#agent = new SocketAgent(socketPath);
    this.#callMs = callMs;
  }

  /** Sends the first call when the socket is there. Gives up when `signal` aborts. */
  async sendFirst(call: ApiRequest, signal: AbortSignal): Promise<unknown> {
    for (let missing: unknown; ; await sleep(CONNECT_AGAIN_MS)) {
      try {
        return await this.send(call, signal);
      } catch (error) {
        if (isNotThereYet(error)) missing = error;
        // It had opened its socket when it died: what it died of is this call.
        else if (this.#agent.hasConnected || !signal.aborted || missing === undefined) throw error;
        if (signal.aborted) throw new FirecrackerFailed('Firecracker did not open its API socket', { cause: missing });
      }
    }
  }

  /** The answer's JSON; undefined when there is none (204). Throws FirecrackerFailed. */
  async send(call: ApiRequest, signal: AbortSignal, callMs = this.#callMs): Promise<unknown> {
    const what = `${call.method} ${call.path}`;
    const slow = AbortSignal.timeout(callMs);
    try {
      const { status, text } = await this.#exchange(call, AbortSignal.any([signal, slow]));
      if (status >= 300) throw new FirecrackerFailed(`${what}: ${status}${toFault(text)}`, { status });
      return text === '' ? undefined : parse(what, text);
    } catch (cause) {
      if (cause instanceof FirecrackerFailed) throw cause;
      throw new FirecrackerFailed(`${what}: ${toReason(cause as NodeJS.ErrnoException, slow, callMs)}`, { cause });
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #exchange({ method, path, body }: ApiRequest, signal: AbortSignal): Promise<{ status: number; text: string }> {
    const text = body && JSON.stringify(body);
    // Its HTTP server knows no chunks.
    const headers = {
      accept: 'application/json',
      ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    request({ agent: this.#agent, method, path, headers, signal }, resolve).on('error', reject).end(text);
    const response = await promise;
    return { status: response.statusCode!, text: await readText(response) };
  }
}

/** Connections to one socket, which lies where the VMM may put something else. */
class SocketAgent extends Agent {
  readonly #path: string;
  /** Once, whatever came of it. */
  hasConnected = false;

  constructor(path: string) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#path = path;
  }

  override createConnection(_options: ClientRequestArgs, done: (error: Error | null, socket: Duplex) => void): undefined {
    connectSocket(this.#path).then(
      (socket) => {
        this.hasConnected = true;
        done(null, socket);
      },
      (error: Error) => done(error, undefined as never),
    );
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`more than ${MAX_ANSWER_BYTES} bytes came back`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FirecrackerFailed(`${what}: what came back is no JSON`, { cause });
  }
}

/** Its own words; should they repeat the kernel line, then without the machine's token. */
function toFault(text: string): string {
  const { fault_message: fault } = readObject(text);
  if (typeof fault !== 'string' || fault === '') return ', without a reason';
  return `: ${fault.replaceAll(new RegExp(`${CONFIG_WORD}=[\\w-]*`, 'g'), `${CONFIG_WORD}=…`).slice(0, MAX_FAULT_CHARACTERS)}`;
}

function readObject(text: string): { fault_message?: unknown } {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}

function toReason(error: NodeJS.ErrnoException, slow: AbortSignal, callMs: number): string {
  if (slow.aborted) return `no answer within ${callMs} ms`;
  if (error.name === 'AbortError') return 'given up';
  if (error.code?.startsWith('HPE_')) return 'what came back is no HTTP';
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return 'Firecracker closed the connection';
  return error.message;
}

function isNotThereYet(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}
