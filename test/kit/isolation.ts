import type { Desk } from './desk.ts';
import { INTERNET } from './internet.ts';
import { nft } from './nft.ts';
import { type Outcome, type Probe, toProbeProgram } from './probe-page.ts';
import { takeWallDown } from './walls.ts';
import { startEcho } from '../../controller/test/net/echo.ts';
import { type Slot, toSlot } from '../../controller/src/net/slot.ts';

const { hostAddress, serverAddress } = INTERNET;
export const METADATA = '169.254.169.254';
/** Ports on which the host answers, beside the controller's. */
const HOST_PORT = 9000;
/** How long a probe waits for something to come back. */
const SILENCE_MS = 1_500;
const ANSWER_MS = 15_000;

/** What of a desk the probes need. */
type Prober = Pick<Desk, 'oriel' | 'target' | 'typeLine'>;

/**
 * What a clone in slot 0 must not reach, beside one in slot 1, and what it may. The probes are typed into the desktop's terminal. Each one
 * that must fail is shown to succeed in the same run with the walls off: what it fails at is then the wall, and not a server that was
 * never there.
 */
export class Isolation {
  readonly forbidden: [title: string, probe: Probe][];
  readonly allowed: [title: string, probe: Probe][] = [
    ['the guest endpoint', tcp('192.168.100.1', 10000)],
    ['the egress proxy', tcp('192.168.100.1', 10001)],
  ];
  readonly other: Slot;
  readonly #mine: Slot;
  readonly #desk: Prober;
  readonly #servers = new AsyncDisposableStack();
  #probed = 0;

  constructor(desk: Prober) {
    this.#desk = desk;
    [this.#mine, this.other] = [toSlot(desk.oriel.instance, 0), toSlot(desk.oriel.instance, 1)];
    const { routerAddress, hostAddress: otherHost } = this.other;
    const mine = this.#mine.hostAddress;
    this.forbidden = [
      ['the API, by the address of the guest endpoint', tcp(mine, 7080)],
      ['the API, by the public address', tcp(hostAddress, 7080)],
      ['the guest endpoint, past the router', tcp(mine, 10000)],
      ['the egress proxy, past the router', tcp(mine, 10001)],
      ['the host, by the address of the guest endpoint', tcp(mine, HOST_PORT)],
      ['the host, by its public address', tcp(hostAddress, HOST_PORT)],
      ['the host, UDP', udp(mine, HOST_PORT)],
      ['the host, UDP by its public address', udp(hostAddress, HOST_PORT)],
      ['the metadata address', tcp(METADATA, HOST_PORT)],
      ["another clone's guest endpoint", tcp(otherHost, 10000)],
      ["another clone's egress proxy", tcp(otherHost, 10001)],
      ["another clone's websockify", tcp(routerAddress, 6080)],
      ["another clone's media", udp(routerAddress, this.#otherMedia)],
      ["another clone's media, by the public address", udp(hostAddress, this.#otherMedia)],
      ['the test server, past the proxy', tcp(serverAddress, 80)],
      ['the test server, UDP', udp(serverAddress, HOST_PORT)],
    ];
  }

  /** Starts what the probes would reach. The other clone's network must be there. */
  async start(): Promise<void> {
    for (const host of [this.#mine.hostAddress, hostAddress, METADATA, serverAddress])
      this.#servers.use(await startEcho(undefined, { tcp: [HOST_PORT], udp: [HOST_PORT], host }));
    this.#servers.use(await startEcho(this.other.guestNetns, { tcp: [], udp: [this.#otherMedia] }));
    // By the public address, what is not sent on to the other clone ends at the host itself.
    this.#servers.use(await startEcho(undefined, { tcp: [], udp: [this.#otherMedia], host: hostAddress }));
  }

  /** Something that ends with the rest. */
  use(server: AsyncDisposable): void {
    this.#servers.use(server);
  }

  async stop(): Promise<void> {
    await this.#servers.disposeAsync();
  }

  /**
   * Titles of the probes that reached something, told by a program that is started in the terminal. `slow`: how many times slower than a
   * container the clone is.
   */
  async probe(slow = 1): Promise<string[]> {
    const { target } = this.#desk;
    const [path, answer] = [`/probe/${++this.#probed}`, `/probed/${this.#probed}`];
    const all = [...this.forbidden, ...this.allowed];
    const program = toProbeProgram(
      all.map(([, one]) => one),
      SILENCE_MS * slow,
    );
    const send = `node /tmp/probe.mjs 2>&1 | curl -s --data-binary @- ${target.url}${answer}`;
    target.page(path, `cat >/tmp/probe.mjs <<'END'\n${program}\nEND\n${send}\n`, 'text/plain');
    await this.#desk.typeLine(`curl -s ${target.url}${path} | sh`);
    const { body } = await target.waitFor('the outcomes', (received) => received.path === answer, ANSWER_MS * slow);
    const outcomes = JSON.parse(body) as Outcome[];
    return all.flatMap(([title], index) => (outcomes[index] === 'reached' ? [title] : []));
  }

  /** Takes the walls of the host and of both clones down; gives the way to put them up again. */
  takeWallsDown(): () => void {
    const restore = [undefined, this.#mine.routerNetns, this.other.routerNetns].map(takeWallDown);
    // The other clone lets its own host in, and nobody else: that is part of its wall, too.
    const letIn = 'insert rule inet clone translate_in iifname "up" tcp dport 6080 dnat ip to 192.168.100.2\n';
    nft(this.other.routerNetns, ['-f', '-'], letIn);
    return () => restore.forEach((act) => act());
  }

  get #otherMedia(): number {
    return this.other.media.portMin + 1;
  }
}

export function titles(rows: readonly (readonly [string, Probe])[]): string[] {
  return rows.map(([title]) => title);
}

function tcp(host: string, port: number): Probe {
  return { kind: 'tcp', host, port };
}

function udp(host: string, port: number): Probe {
  return { kind: 'udp', host, port };
}
