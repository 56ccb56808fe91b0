import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GUEST_NETWORK } from '#contract/network';
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import { Server, type ConnectionStats, type PrepareRequestFunctionResult } from 'proxy-chain';
import { join } from './connect.ts';
import type { Counts, OpenSlot, SlotCounts } from './control-protocol.ts';
import { toHost } from './host-name.ts';
import { isPermitted } from './host-rules.ts';
import { Refused } from './refused.ts';
import type { RefusalKind, Refusals } from './refused-kinds.ts';
import { resolveTarget, type Surroundings } from './target.ts';
import { TokenBucket } from './token-bucket.ts';
import { NOTHING } from './totals.ts';
import { agentOf } from './upstream.ts';
import { connectBy } from './way-out.ts';

/** Names of one clone that are looked up at one time, of the 32 threads that there are for all. */
const LOOK_UPS = 8;
/** A connection to the proxy costs less than one out of it, and some programs close what they do not use. */
const ARRIVALS_PER_CONNECTION = 4;
/** How late a clone is stopped that has used up its bytes. */
const WEIGH_MS = 1_000;

/**
 * The way out of one clone: a proxy on its own address, which is how we know whose traffic it is. Nobody but the clone is
 * served there. proxy-chain speaks HTTP with the clone; where a connection leads, and by which way, is decided and done here, so
 * that it gets each one ready-made.
 */
export class SlotProxy {
  readonly slot: OpenSlot;
  readonly #server: Server;
  readonly #surroundings: Surroundings;
  readonly #past: Omit<Counts, 'refused'>;
  readonly #refused: Refusals;
  readonly #arrivals: TokenBucket;
  readonly #departures: TokenBucket;
  readonly #lookUp = pLimit(LOOK_UPS);
  #out = 0;
  #weighing: NodeJS.Timeout | undefined;
  #isUsedUp = false;

  /** `before`: what this machine has done by another way. */
  constructor(slot: OpenSlot, surroundings: Surroundings, log: Logger, before: Counts = NOTHING) {
    const { connections, connectionsPerSecond } = slot.limits;
    this.slot = slot;
    this.#past = { connections: before.connections, bytesUp: before.bytesUp, bytesDown: before.bytesDown };
    this.#refused = { ...before.refused };
    this.#surroundings = surroundings;
    this.#arrivals = new TokenBucket(connectionsPerSecond * ARRIVALS_PER_CONNECTION);
    this.#departures = new TokenBucket(connectionsPerSecond);
    this.#server = new Server({
      host: slot.hostAddress,
      port: GUEST_NETWORK.egressProxyPort,
      authRealm: 'Oriel',
      prepareRequestFunction: ({ request, hostname, port, isHttp }) => this.#prepare(request, hostname, port, isHttp),
    });
    const { server } = this.#server;
    server.maxConnections = connections;
    server.on('drop', () => this.#countRefusal('connections'));
    // Node's limit on the time of a whole request would cut long uploads.
    server.requestTimeout = 0;
    server.prependListener('connection', (socket: Socket) => this.#admit(socket));
    this.#server.on('connectionClosed', ({ stats }: { stats?: ConnectionStats }) => this.#count(stats));
    // Its message may hold what a clone wrote.
    this.#server.on('requestFailed', ({ error }: { error: NodeJS.ErrnoException }) =>
      log.warn({ slot: slot.index, code: error.code ?? error.name }, 'request failed'),
    );
  }

  async open(): Promise<void> {
    await this.#server.listen();
    if (this.slot.limits.bytes !== undefined) this.#weighing = setInterval(() => this.#weigh(), WEIGH_MS).unref();
  }

  /** Ends every connection of the clone, and those made for it, then the listener. */
  async close(): Promise<SlotCounts> {
    clearInterval(this.#weighing);
    await this.#server.close(true);
    // Its sockets are closed by now; that they say so, which counts them, is a turn or two of the loop away.
    for (let turn = 0; turn < 10 && this.#server.connections.size > 0; turn++) await nextTurn();
    return this.counts();
  }

  counts(): SlotCounts {
    const open = this.#server.getConnectionIds().map((id) => this.#server.getConnectionStats(id));
    return {
      machineId: this.slot.machineId,
      open: open.length,
      connections: this.#past.connections + open.length,
      bytesUp: this.#past.bytesUp + sum(open.map((stats) => stats?.srcRxBytes)),
      bytesDown: this.#past.bytesDown + sum(open.map((stats) => stats?.srcTxBytes)),
      refused: { ...this.#refused },
    };
  }

  /** A neighbour on the host's network, or a user of the host, could find this address, too. */
  #admit(socket: Socket): void {
    const kind = socket.remoteAddress !== this.slot.routerAddress ? 'stranger' : this.#arrivals.take() ? undefined : 'rate';
    if (kind === undefined) return;
    this.#countRefusal(kind);
    socket.destroy();
  }

  async #prepare(request: IncomingMessage, hostname: string, port: number, isHttp: boolean): Promise<PrepareRequestFunctionResult> {
    try {
      const source = request.socket;
      this.#checkLimits(source);
      const target = await this.#connect(hostname, port);
      source.once('close', () => target.destroy());
      if (source.destroyed) target.destroy();
      if (isHttp) tellHost(request);
      return isHttp ? { httpAgent: agentOf(target) } : { customConnectServer: joiner(target) };
    } catch (error) {
      if (error instanceof Refused) this.#countRefusal(error.kind);
      throw error;
    }
  }

  /** One request may ask for a connection, and one connection may bring many requests: what goes out is counted by itself. */
  async #connect(hostname: string, port: number): Promise<Socket> {
    const { way } = this.slot;
    const host = this.#toPermitted(hostname);
    this.#out += 1;
    const settle = () => void (this.#out -= 1);
    try {
      const addresses = await this.#lookUp(() => resolveTarget(host, this.#surroundings));
      const target = await connectBy(way, host, port, addresses, this.#surroundings);
      if (target.closed) settle();
      else target.once('close', settle);
      return target;
    } catch (error) {
      settle();
      throw error;
    }
  }

  #checkLimits(source: Socket): void {
    const { limits } = this.slot;
    this.#weigh(source);
    if (this.#isUsedUp) throw new Refused('bytes', `this desktop has used up its ${limits.bytes} bytes`, 403);
    if (this.#out >= limits.connections)
      throw new Refused('connections', `${limits.connections} connections are open, no more may be`, 429);
    if (!this.#departures.take())
      throw new Refused('rate', `more than ${limits.connectionsPerSecond} new connections a second`, 429, { 'Retry-After': '1' });
  }

  #toPermitted(hostname: string): string {
    const host = toHost(hostname);
    if (host === undefined) throw new Refused('syntax', 'this is no host name', 400);
    if (!isPermitted(host, this.slot.rules)) throw new Refused('rule', `${host} may not be reached from this desktop`);
    return host;
  }

  /** Ends all, once it is more than there may be, but for the one that is asked on now: it is told why. */
  #weigh(asked?: Socket): void {
    const { bytes } = this.slot.limits;
    if (bytes === undefined || this.#isUsedUp) return;
    const { bytesUp, bytesDown } = this.counts();
    if (bytesUp + bytesDown < bytes) return;
    this.#isUsedUp = true;
    for (const socket of this.#server.connections.values()) if (socket !== asked) socket.destroy();
  }

  #count(stats: ConnectionStats | undefined): void {
    this.#past.connections += 1;
    this.#past.bytesUp += stats?.srcRxBytes ?? 0;
    this.#past.bytesDown += stats?.srcTxBytes ?? 0;
  }

  #countRefusal(kind: RefusalKind): void {
    this.#refused[kind] = (this.#refused[kind] ?? 0) + 1;
  }
}

/** The server is told the host that was asked for and checked, whatever else the clone wrote (RFC 9112, 3.2.2). */
function tellHost(request: IncomingMessage): void {
  const { rawHeaders } = request;
  const { host } = new URL(request.url!);
  const others = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() !== 'host' ? [name, rawHeaders[index + 1]!] : [],
  );
  rawHeaders.splice(0, rawHeaders.length, 'Host', host, ...others);
}

/** proxy-chain answers a CONNECT and then hands the client's socket to this "server". */
function joiner(target: Socket): HttpServer {
  return new EventEmitter().on('connection', (source: Socket) => join(source, target)) as HttpServer;
}

function sum(numbers: (number | undefined)[]): number {
  return numbers.reduce<number>((total, number) => total + (number ?? 0), 0);
}
