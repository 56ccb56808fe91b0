import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Vault } from './fake-snapshot.ts';

export interface Call {
  method: string;
  path: string;
  body: Record<string, unknown> | undefined;
}

/** What goes wrong, at the call of this name (`PUT /entropy`, `PATCH /vm Paused`). */
export interface Fault {
  at: string;
  /** `refuse` with a reason, `refuse-mute` without; `half` closes in the middle of an answer, `flood` never ends it. */
  kind: 'refuse' | 'refuse-mute' | 'slow' | 'die' | 'half' | 'garbage' | 'no-json' | 'flood' | 'answer';
  /** Of `refuse`. */
  message?: string;
  /** Of `answer`. */
  body?: object;
}

export interface FakeOptions {
  version?: string;
  fault?: Fault | undefined;
  /** Told when it happens. */
  onFault?: () => void;
  /** Why a call is none of the description's; empty when it is one. */
  validate?: (call: Call) => string[];
  /** Where snapshots are; nowhere when missing. */
  vault?: Vault;
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
  /** What the machine was made of; of a copy, what its snapshot says. */
  #machine: Call[] = [];
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
    const { fault, onFault } = this.#options;
    if (fault?.at === toName(call)) {
      onFault?.();
      return this.#fail(fault, response);
    }
    const answer = this.answer(call);
    // It may be in an invalid state after that, and ends.
    if (call.path === '/snapshot/load' && answer.status >= 300) response.on('finish', () => this.#die());
    send(response, answer);
  }

  #die(): void {
    if (this.#options.die) this.#options.die();
    else this.close();
  }

  async #fail({ kind, message, body }: Fault, response: ServerResponse): Promise<void> {
    const socket = response.socket!;
    if (kind === 'refuse') return send(response, refuse(message ?? 'the fake was told to'));
    if (kind === 'answer') return send(response, { status: 200, ...(body && { body }) });
    if (kind === 'refuse-mute') return void response.writeHead(500).end();
    if (kind === 'slow') return void (await sleep(60_000, undefined, { ref: false }));
    if (kind === 'die') return this.#die();
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
    if (name === 'GET /machine-config') return { status: 200, body: this.#find('/machine-config') ?? { vcpu_count: 1, mem_size_mib: 128 } };
    if (name === 'PUT /snapshot/load') return this.#load(body ?? {});
    if (name === 'PUT /logger' || name === 'PUT /metrics') return this.#beforeStart(call, false);
    if (method === 'PUT' && (BOOT_CONFIG.test(path) || path === '/balloon')) return this.#beforeStart(call, true);
    if (name === 'PUT /snapshot/create') return this.#create(body ?? {});
    if (/^(PATCH \/(vm|balloon)|GET \/balloon\/statistics)$/.test(name)) return this.#afterStart(name, body ?? {});
    return refuse(`Invalid request method and/or path: ${method} ${path}.`);
  }

  #describe() {
    return { app_name: 'Firecracker', id: 'anonymous-instance', state: this.state, vmm_version: this.#options.version ?? '1.16.1' };
  }

  #find(path: string): Call['body'] {
    return this.#machine.find((call) => call.path === path)?.body;
  }

  #beforeStart(call: Call, isBootConfig: boolean): Answer {
    if (this.state !== 'Not started') return tooLate();
    if (isBootConfig) this.#machine.push(call);
    return MUTE;
  }

  #act(action: unknown): Answer {
    if (action !== 'InstanceStart') return this.state === 'Not started' ? tooSoon() : MUTE;
    if (this.state !== 'Not started') return tooLate();
    if (!this.#find('/boot-source')) return refuse('Cannot start microvm without kernel configuration.');
    this.state = 'Running';
    return MUTE;
  }

  #load({ snapshot_path: state, mem_backend: backend, resume_vm: resume }: Record<string, unknown>): Answer {
    if (this.state !== 'Not started') return tooLate();
    if (this.#machine.length > 0) return refuse('Loading a microVM snapshot not allowed after configuring boot-specific resources.');
    const { backend_path: memory } = backend as { backend_path: string };
    const wrong = attempt(() => (this.#machine = this.#options.vault?.load({ state: String(state), memory }) ?? []));
    if (wrong !== undefined) return refuse(`Load snapshot error: Failed to restore from snapshot: ${wrong}`);
    this.state = resume === true ? 'Running' : 'Paused';
    return MUTE;
  }

  #create({ snapshot_path: state, mem_file_path: memory }: Record<string, unknown>): Answer {
    if (this.state === 'Not started') return tooSoon();
    if (this.state !== 'Paused') return refuse('Cannot save a microVM that runs.');
    const wrong = attempt(() => this.#options.vault?.save({ state: String(state), memory: String(memory) }, this.#machine));
    return wrong === undefined ? MUTE : refuse(`Create snapshot error: Cannot write memory file: ${wrong}`);
  }

  #afterStart(name: string, body: Record<string, unknown>): Answer {
    if (this.state === 'Not started') return tooSoon();
    if (name === 'PATCH /vm') this.state = body.state === 'Paused' ? 'Paused' : 'Running';
    if (name !== 'GET /balloon/statistics') return MUTE;
    return { status: 200, body: { target_pages: 0, actual_pages: 0, target_mib: 0, actual_mib: 0, free_memory: 123_456_789 } };
  }
}

/** As faults name it; the two calls that differ in their body alone, with it. */
function toName({ method, path, body }: Call): string {
  return `${method} ${path}${path === '/vm' ? ` ${String(body?.state)}` : ''}`;
}

/** Why it did not work. */
function attempt(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function tooLate(): Answer {
  return refuse('The requested operation is not supported after starting the microVM.');
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
