import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { CLOSE } from '#test/frames';
import { pino } from 'pino';
import { AuthFailures } from '../../src/auth/failures.ts';
import { serveVnc } from '../../src/vnc/upgrade.ts';
import { FakeController } from '../fakes/controller.ts';

export const ORIGIN = 'https://product.example';
const GOOD = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';

/** The controller's WebSocket side, between sockets of the test's own: what a browser says and what a clone says are bytes. */
export class FuzzedVnc {
  readonly fake = new FakeController();
  /** What the controller took for a mistake of its own. */
  readonly mistakes: string[] = [];
  /** Connections that the clone has, and the one that came last. */
  readonly clones = new Set<Socket>();
  /** What the clone answers to a handshake; with the right one when it is empty. */
  reply = '';
  /** Whether it leaves a close without an answer. */
  isDeaf = false;
  sessionId = '';
  token = '';
  port = 0;
  readonly #clone: Server;
  readonly #server = createServer((_, response) => void response.writeHead(404, { connection: 'close' }).end());

  private constructor() {
    this.#clone = createTcpServer((socket) => this.#answer(socket));
  }

  static async start(): Promise<FuzzedVnc> {
    const vnc = new FuzzedVnc();
    vnc.#clone.listen(0, '127.0.0.1');
    await once(vnc.#clone, 'listening');
    const url = `ws://127.0.0.1:${(vnc.#clone.address() as AddressInfo).port}/websockify`;
    const log = pino({ level: 'error' }, { write: (line: string) => void vnc.mistakes.push(line) });
    const { fake } = vnc;
    const { sessions, doors } = fake;
    const entrance = { gate: fake, doors, failures: new AuthFailures(1_000_000), headers: {} };
    serveVnc(vnc.#server, { ...entrance, sessions, corsOrigins: [ORIGIN], log, toUrl: () => url });
    vnc.#server.listen(0, '127.0.0.1');
    await once(vnc.#server, 'listening');
    vnc.port = (vnc.#server.address() as AddressInfo).port;
    vnc.sessionId = await fake.startReady();
    vnc.token = await fake.viewerToken(vnc.sessionId);
    return vnc;
  }

  /** A handshake as browsers send it, with other lines in the place of some. */
  toHandshake({
    method = 'GET',
    path = `/api/vnc/session/${this.sessionId}`,
    headers = {} as Record<string, string | undefined>,
  } = {}): string {
    const all: Record<string, string | undefined> = {
      host: `127.0.0.1:${this.port}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-protocol': `binary, oriel.${this.token}`,
      origin: ORIGIN,
      ...headers,
    };
    const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
    return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  }

  /** A connection that says this, and never closes its half by itself. */
  connect(bytes: string): Browser {
    return new Browser(this.port, bytes);
  }

  /** Connections of browsers that the controller has open. */
  countBrowsers(): Promise<number> {
    return new Promise((resolve, reject) => this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
  }

  async close(): Promise<void> {
    for (const socket of this.clones) socket.destroy();
    this.#clone.close();
    this.#server.close();
    this.#server.closeAllConnections();
    await this.fake[Symbol.asyncDispose]();
  }

  #answer(socket: Socket): void {
    this.clones.add(socket.on('error', () => {}).on('close', () => this.clones.delete(socket)));
    socket.once('data', (data: Buffer) => {
      const key = /^sec-websocket-key: (\S+)/im.exec(String(data))?.[1] ?? '';
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(
        (this.reply || `${GOOD}Sec-WebSocket-Protocol: binary\r\nSec-WebSocket-Accept: ACCEPT\r\n\r\n`).replace('ACCEPT', accept),
        'latin1',
      );
      socket.on('data', (frame: Buffer) => void (!this.isDeaf && (frame[0]! & 15) === CLOSE && socket.end()));
    });
  }
}

export class Browser {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  /** The other side has said its last. That it has closed shows there only: this half is open. */
  readonly ended: Promise<unknown>;

  constructor(port: number, bytes: string) {
    this.socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    this.socket.on('error', () => {}).on('data', (data: Buffer) => (this.received = Buffer.concat([this.received, data])));
    this.ended = new Promise((resolve) => this.socket.once('end', resolve).once('close', resolve));
    this.socket.write(bytes, 'latin1');
  }

  /** Status of the reply, once its head is there; 0 when there is none. */
  async status(): Promise<number> {
    while (!this.received.includes('\r\n\r\n') && !this.socket.readableEnded && !this.socket.destroyed)
      await Promise.race([once(this.socket, 'data').catch(() => {}), this.ended]);
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.received.toString('latin1'))?.[1] ?? 0);
  }
}
