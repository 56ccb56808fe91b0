import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Slot } from '../../../controller/src/net/slot.ts';
import { startEcho } from '../../../controller/test/net/echo.ts';
import { INTERNET } from '../internet.ts';
import { startCarelessEndpoint, startCarelessProxy } from './careless.ts';
import { NameServer } from './names.ts';
import { HOST_IPV6, INSIDE, INSIDE_IPV6, METADATA, PORTS, toNames } from './ways.ts';
import { Witness } from './wire.ts';

const { hostAddress, serverAddress } = INTERNET;

/** Makes all that a clone must not reach exist, in this process's network namespace alone. To be called before a controller starts. */
export function makeForbidden(): void {
  const local = (address: string) => `route add local ${address} dev lo\n`;
  execFileSync('ip', ['-batch', '-'], { input: INSIDE.map(local).join('') });
  execFileSync('sh', [
    '-c',
    'for f in /proc/sys/net/ipv6/conf/{all,lo}/disable_ipv6; do echo 0 >"$f"; done 2>/dev/null; :'.replace('{all,lo}', '*'),
  ]);
  execFileSync('ip', ['-6', '-batch', '-'], { input: INSIDE_IPV6.map(local).join('') });
  const conf = join(tmpdir(), `oriel-resolv-${process.pid}`);
  writeFileSync(conf, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  execFileSync('mount', ['--bind', conf, '/etc/resolv.conf']);
  rmSync(conf);
}

/** Those who answer there, and who sees what passes. */
export class Forbidden implements AsyncDisposable {
  readonly names: NameServer;
  witness!: Witness;
  readonly #all = new AsyncDisposableStack();

  constructor(other: Slot) {
    this.names = new NameServer(toNames(other));
  }

  /** The networks of both clones must be there. */
  async start(mine: Slot, other: Slot): Promise<void> {
    this.witness = this.#all.use(await Witness.start());
    await this.#all.use(this.names).start();
    for (const host of [mine.hostAddress, hostAddress, METADATA, '10.1.2.3', HOST_IPV6])
      await this.#echo(undefined, { tcp: [PORTS.echo], udp: [PORTS.echo], host });
    await this.#echo(undefined, { tcp: PORTS.dns, udp: [53, 443, PORTS.echo], host: serverAddress });
    await this.#echo(mine.routerNetns, { tcp: [PORTS.echo], udp: [53] });
    await this.#echo(other.guestNetns, { tcp: [], udp: [other.media.portMin + 1] });
    // By the public address, what is not sent on to the other clone ends at the host itself.
    await this.#echo(undefined, { tcp: [], udp: [other.media.portMin + 1], host: hostAddress });
    for (const server of [
      await startInside(PORTS.web, '::'),
      await startCarelessProxy(PORTS.carelessProxy),
      await startCarelessEndpoint(PORTS.carelessEndpoint),
    ])
      this.#all.defer(() => stop(server));
  }

  /** Answers at one more place. */
  async listen(port: number, host: string): Promise<void> {
    const server = await startInside(port, host);
    this.#all.defer(() => stop(server));
  }

  /** Something that ends with the rest. */
  use(server: AsyncDisposable): void {
    this.#all.use(server);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#all.disposeAsync();
  }

  async #echo(...args: Parameters<typeof startEcho>): Promise<void> {
    this.#all.use(await startEcho(...args));
  }
}

/** Answers everywhere, and says whether that is inside; only the test's server on the internet is not. */
async function startInside(port: number, host: string): Promise<Server> {
  const server = createServer(({ url, socket }, response) => {
    const isInside = socket.localAddress !== `::ffff:${serverAddress}`;
    response.setHeader('connection', 'close').setHeader('access-control-allow-origin', '*');
    if (url === '/redirect') response.writeHead(302, { location: `http://${METADATA}:${PORTS.web}/` });
    response.end(`${isInside ? 'inside' : 'outside'}: ${socket.localAddress}\n`);
  }).listen(port, host);
  await once(server, 'listening');
  return server;
}

/** Tunnels that go on through it end with the clones. */
function stop(server: Server): void {
  server.closeAllConnections();
  server.close();
}
