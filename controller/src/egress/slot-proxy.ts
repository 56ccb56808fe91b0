import { EventEmitter } from 'node:events';
import { Agent as HttpAgent, type IncomingMessage, type Server as HttpServer } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GUEST_NETWORK } from '#contract/network';
import type { Logger } from 'pino';
import { Server, type ConnectionStats, type PrepareRequestFunctionResult } from 'proxy-chain';
import { connectTo, join } from './connect.ts';
import type { OpenSlot, SlotCounts } from './control-protocol.ts';
import { checkName, resolveTarget, type Surroundings } from './target.ts';

/** More than a browser opens; few enough that no clone takes the descriptors of all. */
const MAX_CONNECTIONS = 1_024;

/**
 * The way out of one clone: a proxy on its own address, which is how we know whose traffic it is. Nobody but the clone is
 * served there. Goes out by the lease's upstream when it has one.
 */
export class SlotProxy {
  readonly slot: OpenSlot;
  readonly #server: Server;
  readonly #surroundings: Surroundings;
  readonly #httpAgent = new HttpAgent({ keepAlive: false });
  readonly #httpsAgent = new HttpsAgent({ keepAlive: false });
  readonly #past = { connections: 0, bytesUp: 0, bytesDown: 0 };

  constructor(slot: OpenSlot, surroundings: Surroundings, log: Logger) {
    this.slot = slot;
    this.#surroundings = surroundings;
    this.#server = new Server({
      host: slot.hostAddress,
      port: GUEST_NETWORK.egressProxyPort,
      authRealm: 'Oriel',
      prepareRequestFunction: ({ request, hostname, port, isHttp }) => this.#prepare(request, hostname, port, isHttp),
    });
    const { server } = this.#server;
    server.maxConnections = MAX_CONNECTIONS;
    // Node's limit on the time of a whole request would cut long uploads.
    server.requestTimeout = 0;
    server.prependListener('connection', (socket: Socket) => this.#admit(socket));
    this.#server.on('connectionClosed', ({ stats }: { stats?: ConnectionStats }) => this.#count(stats));
    // Its message may hold the upstream's address with its password.
    this.#server.on('requestFailed', ({ error }: { error: NodeJS.ErrnoException }) =>
      log.warn({ slot: slot.index, code: error.code ?? error.name }, 'request failed'),
    );
  }

  async open(): Promise<void> {
    await this.#server.listen();
  }

  /** Ends every connection of the clone, and those made for it, then the listener. */
  async close(): Promise<SlotCounts> {
    await this.#server.close(true);
    // Its sockets are closed by now; that they say so, which counts them, is a turn or two of the loop away.
    for (let turn = 0; turn < 10 && this.#server.connections.size > 0; turn++) await nextTurn();
    this.#httpAgent.destroy();
    this.#httpsAgent.destroy();
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
    };
  }

  /** A neighbour on the host's network, or a user of the host, could find this address, too. */
  #admit(socket: Socket): void {
    if (socket.remoteAddress !== this.slot.routerAddress) socket.destroy();
  }

  async #prepare(request: IncomingMessage, hostname: string, port: number, isHttp: boolean): Promise<PrepareRequestFunctionResult> {
    if (isHttp) tellHost(request);
    const { upstream } = this.slot;
    if (upstream !== undefined) {
      checkName(hostname, this.#surroundings);
      return { upstreamProxyUrl: upstream, httpAgent: this.#httpAgent, httpsAgent: this.#httpsAgent };
    }
    const addresses = await resolveTarget(hostname, this.#surroundings);
    const target = await connectTo(hostname, port, addresses);
    request.socket.once('close', () => target.destroy());
    if (request.socket.destroyed) target.destroy();
    return isHttp ? { httpAgent: agentOf(target) } : { customConnectServer: joiner(target) };
  }

  #count(stats: ConnectionStats | undefined): void {
    this.#past.connections += 1;
    this.#past.bytesUp += stats?.srcRxBytes ?? 0;
    this.#past.bytesDown += stats?.srcTxBytes ?? 0;
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

/** An agent for one request, which has its connection already. */
function agentOf(target: Socket): HttpAgent {
  const agent = new HttpAgent({ keepAlive: false });
  agent.createConnection = () => target;
  return agent;
}

/** proxy-chain answers a CONNECT and then hands the client's socket to this "server". */
function joiner(target: Socket): HttpServer {
  return new EventEmitter().on('connection', (source: Socket) => join(source, target)) as HttpServer;
}

function sum(numbers: (number | undefined)[]): number {
  return numbers.reduce<number>((total, number) => total + (number ?? 0), 0);
}
