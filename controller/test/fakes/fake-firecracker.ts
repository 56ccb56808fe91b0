import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Call {
  method: string;
  path: string;
  body: Record<string, unknown> | undefined;
}

/** What goes wrong, at the call of this name (`PUT /entropy`). */
export interface Fault {
  at: string;
  /** `refuse` with a reason, `refuse-mute` without; `half` closes in the middle of an answer, `flood` never ends it. */
  kind: 'refuse' | 'refuse-mute' | 'slow' | 'die' | 'half' | 'garbage' | 'no-json' | 'flood';
  message?: string;
}

export interface FakeOptions {
  version?: string;
  fault?: Fault | undefined;
  /** Why a call is none of the description's; empty when it is one. */
  validate?: (call: Call) => string[];
  /** Ends the process that the server is; here it ends the server. */
  die?: () => void;
}

interface Answer {
  status: number;
  body?: object;
}

const MUTE: Answer = { status: 204 };
const BOOT_CONFIG =
  /^\/(machine-config|boot-source|cpu-config|drives\/.+|network-interfaces\/.+|entropy|serial|vsock|mmds\/config|pmem\/.+)$/;

/** Speaks as Firecracker 1.16 does on its API socket, and insists on the order of calls; machines there are none. */
export class FakeFirecracker {
  readonly calls: Call[] = [];
  connections = 0;
  state: 'Not started' | 'Running' | 'Paused' = 'Not started';
  readonly #options: FakeOptions;
  readonly #configured = new Set<string>();
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.#server.on('connection', (socket) => {
      this.connections += 1;
      this.#sockets.add(socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {}));
    });
  }

  listen(path: string): Promise<AddressInfo | string> {
    return new Promise((resolve) => this.#server.listen(path, () => resolve(this.#server.address()!)));
  }

  /** The connections go, too; also what a death looks like from outside. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request);
    const call: Call = { method: request.method!, path: request.url!, body: text === '' ? undefined : JSON.parse(text) };
    this.calls.push(call);
    const { fault } = this.#options;
    if (fault?.at === `${call.method} ${call.path}`) await this.#fail(fault, response);
    else send(response, this.answer(call));
  }

  async #fail({ kind, message }: Fault, response: ServerResponse): Promise<void> {
    const socket = response.socket!;
    if (kind === 'refuse') return send(response, refuse(message ?? 'the fake was told to'));
    if (kind === 'refuse-mute') return void response.writeHead(500).end();
    if (kind === 'slow') return void (await sleep(60_000, undefined, { ref: false }));
    if (kind === 'die') return this.#options.die ? this.#options.die() : this.close();
    if (kind === 'garbage') return void socket.end('\x16\x03\x01 I am no HTTP\r\n\r\n');
    if (kind === 'half') return void socket.end('HTTP/1.1 200 \r\nContent-Length: 4000\r\n\r\n{"half":');
    if (kind === 'no-json') return void response.writeHead(200).end('{"half":');
    response.writeHead(200);
    while (!socket.destroyed) {
      response.write(Buffer.alloc(16_384, 'x'));
      await sleep(1);
    }
  }

  /** What Firecracker would say, and what comes of it. */
  answer(call: Call): Answer {
    const wrong = this.#options.validate?.(call) ?? [];
    if (wrong.length > 0) return refuse(`An error occurred when deserializing the json body of a request: ${wrong.join('; ')}`);
    const { method, path, body } = call;
    const name = `${method} ${path}`;
    if (name === 'GET /version') return { status: 200, body: { firecracker_version: this.#options.version ?? '1.16.1' } };
    if (name === 'GET /') return { status: 200, body: this.#describe() };
    if (name === 'PUT /actions') return this.#act(body?.action_type);
    if (name === 'PUT /snapshot/load') return this.#load(body ?? {});
    if (name === 'PUT /logger' || name === 'PUT /metrics') return this.#beforeStart(path, false);
    if (method === 'PUT' && (BOOT_CONFIG.test(path) || path === '/balloon')) return this.#beforeStart(path, true);
    if (/^(PATCH \/(vm|balloon)|GET \/balloon\/statistics|PUT \/snapshot\/create)$/.test(name)) return this.#afterStart(name, body ?? {});
    return refuse(`Invalid request method and/or path: ${method} ${path}.`);
  }

  #describe() {
    return { app_name: 'Firecracker', id: 'anonymous-instance', state: this.state, vmm_version: this.#options.version ?? '1.16.1' };
  }

  #beforeStart(path: string, isBootConfig: boolean): Answer {
    if (this.state !== 'Not started') return refuse('The requested operation is not supported after starting the microVM.');
    if (isBootConfig) this.#configured.add(path);
    return MUTE;
  }

  #act(action: unknown): Answer {
    if (action !== 'InstanceStart') return this.state === 'Not started' ? tooSoon() : MUTE;
    if (this.state !== 'Not started') return refuse('The requested operation is not supported after starting the microVM.');
    if (!this.#configured.has('/boot-source')) return refuse('Cannot start microvm without kernel configuration.');
    this.state = 'Running';
    return MUTE;
  }

  #load(body: Record<string, unknown>): Answer {
    if (this.state !== 'Not started') return refuse('The requested operation is not supported after starting the microVM.');
    if (this.#configured.size > 0) return refuse('Loading a microVM snapshot not allowed after configuring boot-specific resources.');
    this.state = body.resume_vm === true ? 'Running' : 'Paused';
    return MUTE;
  }

  #afterStart(name: string, body: Record<string, unknown>): Answer {
    if (this.state === 'Not started') return tooSoon();
    if (name === 'PATCH /vm') this.state = body.state === 'Paused' ? 'Paused' : 'Running';
    if (name === 'PUT /snapshot/create' && this.state !== 'Paused') return refuse('Cannot save a microVM that runs.');
    if (name !== 'GET /balloon/statistics') return MUTE;
    return { status: 200, body: { target_pages: 0, actual_pages: 0, target_mib: 0, actual_mib: 0, free_memory: 123_456_789 } };
  }
}

function tooSoon(): Answer {
  return refuse('The requested operation is not supported before starting the microVM.');
}

function refuse(message: string): Answer {
  return { status: 400, body: { fault_message: message } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const text = body && JSON.stringify(body);
  response.writeHead(status, { server: 'Firecracker API', ...(text && { 'content-type': 'application/json' }) }).end(text);
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text;
}
