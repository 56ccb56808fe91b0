import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** One connection that somebody asked a proxy for. */
export interface Passed {
  /** `203.0.113.10:80`, as it was asked for. */
  target: string;
  /** Whom it came from, by name and password; undefined when it said neither. */
  auth: string | undefined;
}

export interface UpstreamOptions {
  protocol: 'http' | 'https' | 'socks5';
  host: string;
  port: number;
  username: string;
  password: string;
  /** From where it goes out itself: an address of this host. */
  outAddress?: string;
  /** PEM, of https. */
  tls?: { key: Buffer; cert: Buffer };
}

/** Another's proxy, which asks for a name and a password and remembers who came and where he went. */
export class UpstreamProxy {
  readonly passed: Passed[] = [];
  /** How many were sent away. */
  refused = 0;
  readonly options: UpstreamOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: UpstreamOptions) {
    this.options = options;
    this.#server = options.protocol === 'socks5' ? this.#createSocks() : this.#createHttp();
    this.#server.on('connection', (socket: Socket) => this.#keep(socket));
  }

  async start(): Promise<void> {
    this.#server.listen(this.options.port, this.options.host);
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #createHttp(): Server {
    const { protocol, tls } = this.options;
    const server = protocol === 'https' ? createHttpsServer({ ...tls, allowHalfOpen: true }) : createHttpServer();
    // Nothing but tunnels is asked of it.
    server.on('request', (_request, response) => response.writeHead(501).end());
    server.on('connect', (request: IncomingMessage, socket: Socket) => {
      this.#keep(socket);
      const [scheme, code = ''] = (request.headers['proxy-authorization'] ?? '').split(' ');
      const auth = scheme === 'Basic' ? Buffer.from(code, 'base64').toString() : undefined;
      if (!this.#isKnown(auth)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
      const [, host = '', port = ''] = /^\[?([^\]]+)\]?:(\d+)$/.exec(request.url!) ?? [];
      this.#pass(socket, { target: request.url!, auth }, host, Number(port), 'HTTP/1.1 200 OK\r\n\r\n', 'HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    return server;
  }

  /** RFC 1928 and 1929, IPv4 and names. */
  #createSocks(): Server {
    return createServer({ allowHalfOpen: true }, (socket) => {
      void this.#speakSocks(socket).catch(() => socket.destroy());
    });
  }

  async #speakSocks(socket: Socket): Promise<void> {
    const greeting = await read(socket, 2);
    await read(socket, greeting[1]!);
    socket.write(Buffer.from([5, 2]));
    const username = await read(socket, (await read(socket, 2))[1]!);
    const password = await read(socket, (await read(socket, 1))[0]!);
    const auth = `${username.toString()}:${password.toString()}`;
    const isKnown = this.#isKnown(auth);
    socket.write(Buffer.from([1, isKnown ? 0 : 1]));
    if (!isKnown) return void socket.end();
    const type = (await read(socket, 4))[3]!;
    const host = type === 1 ? (await read(socket, 4)).join('.') : (await read(socket, (await read(socket, 1))[0]!)).toString();
    const port = (await read(socket, 2)).readUInt16BE();
    const reply = (code: number) => Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
    this.#pass(socket, { target: `${host}:${port}`, auth }, host, port, reply(0), reply(5));
  }

  #isKnown(auth: string | undefined): boolean {
    const { username, password } = this.options;
    if (auth === `${username}:${password}`) return true;
    this.refused++;
    return false;
  }

  #pass(socket: Socket, passed: Passed, host: string, port: number, yes: string | Buffer, no: string | Buffer): void {
    this.passed.push(passed);
    const { outAddress: localAddress } = this.options;
    const target = connect({ host, port, allowHalfOpen: true, ...(localAddress !== undefined && { localAddress }) });
    this.#keep(target);
    let isOpen = false;
    target.once('connect', () => {
      isOpen = true;
      socket.write(yes);
      socket.pipe(target).pipe(socket);
    });
    target.on('close', () => (isOpen ? socket.end() : socket.end(no)));
    socket.on('close', () => target.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => this.#sockets.delete(socket));
  }
}

/** Exactly so many bytes. */
async function read(socket: Socket, size: number): Promise<Buffer> {
  for (;;) {
    const bytes = size === 0 ? Buffer.alloc(0) : (socket.read(size) as Buffer | null);
    if (bytes) return bytes;
    await once(socket, 'readable');
  }
}
