import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Desk } from '../desk.ts';
import { nft } from '../nft.ts';
import { takeWallDown } from '../walls.ts';
import { toSlot, type Slot } from '../../../controller/src/net/slot.ts';
import { startEcho } from '../../../controller/test/net/echo.ts';
import { EVIL_MAC, GUEST_IPV6, planFrameWays, toArpLies, type FrameWay } from './frame-ways.ts';
import { GUEST_MAC } from '../../../controller/src/net/guest-mac.ts';
import type { WallCounts } from '../../../controller/src/net/wall-totals.ts';
import type { WallClass } from '../../../controller/src/net/wall.ts';
import { toPage } from './page.ts';
import { toCarelessWebsocket, toProgram, type Probe, type Program } from './program.ts';
import { Forbidden } from './test-internet.ts';
import { HOST_IPV6, PORTS, toAgentWays, toDirectWays, toPageWays, toProxyWays } from './ways.ts';
import { sendFrames, toMark } from './wire.ts';

/** How long a probe waits for something to come back. */
const SILENCE_MS = 1_500;
const ANSWER_MS = 20_000;
/** Source ports of requests to the guest endpoint, which others never have. */
const FIRST_PORT = 61_000;
const PORTS_PER_ROUND = 32;
/** Numbers of the first mark of each kind. */
const MARKS = { frame: 0, udp: 1_000, page: 2_000 } as const;
const ARP = 'ARP that says the guest is somebody else';

export interface EscapeOptions {
  /** How many times slower than a container the clone is. */
  slow?: number;
  /** Ports that are tried one by one, of the host and of the router. */
  scanned?: number;
  /** How the clone's terminal opens a page in a browser. */
  openPage?: (url: string) => string;
  /** What this clone cannot even try, by the beginning of its title. */
  without?: string[];
}

/** What of a desk the probes need. */
type Prober = Pick<Desk, 'oriel' | 'target' | 'typeLine' | 'session'>;

/**
 * All ways out of a clone in slot 0, beside one in slot 1. Three kinds: what a program of the desktop tries; what a page in its browser
 * tries; and frames that only root of the guest's network namespace (behind the tap of a virtual machine) could send, sent from there.
 */
export class Escape {
  readonly mine: Slot;
  readonly other: Slot;
  readonly forbidden: Forbidden;
  readonly frameWays: FrameWay[];
  readonly #desk: Prober;
  readonly #options: Required<EscapeOptions>;
  #desktopWays: [title: string, probe: Probe][] = [];
  #round = 0;
  #pageRound = 0;

  constructor(desk: Prober, options: EscapeOptions = {}) {
    const openPage = (url: string) => `chromium --user-data-dir=/tmp/escape --no-first-run ${url}`;
    this.#desk = desk;
    this.#options = { slow: 1, scanned: 512, openPage, without: [], ...options };
    [this.mine, this.other] = [toSlot(desk.oriel.instance, 0), toSlot(desk.oriel.instance, 1)];
    this.forbidden = new Forbidden(this.other);
    this.frameWays = planFrameWays(this.mine, this.other, this.mine.hostAddress, PORTS.echo);
  }

  /** Starts what the ways would reach, and in the clone what tries them. The other clone's network must be there. */
  async start(machineId: string, otherSecret?: string): Promise<void> {
    const { mine, other } = this;
    const all = [...toDirectWays(mine, other, this.#options.scanned), ...toProxyWays(mine, other), ...toAgentWays(machineId, otherSecret)];
    this.#desktopWays = all.filter(([title]) => !this.#options.without.some((beginning) => title.startsWith(beginning)));
    // As if the switch were forgotten: the wall alone stands in the way of IPv6.
    enableIpv6(mine);
    await this.forbidden.start(mine, other);
    await this.#startInClone();
  }

  /** Answers in the place of a clone of which there is a network alone. */
  async standFor(other: Slot): Promise<void> {
    for (const port of [10000, 10001]) await this.forbidden.listen(port, other.hostAddress);
    this.forbidden.use(await startEcho(other.guestNetns, { tcp: [6080], udp: [] }));
  }

  /** Of a program, of a page, of frames. */
  get titles(): string[] {
    const ways = [...this.#desktopWays, ...this.#pageWays(false)];
    return [...ways.map(([title]) => title), ...this.frameWays.map(({ title }) => title), ARP];
  }

  /** How many ways of a program are of this kind. */
  count(kind: Probe['kind']): number {
    return this.#desktopWays.filter(([, probe]) => probe.kind === kind).length;
  }

  /** How many ways of a page lead to a WebSocket of its own clone. */
  get pageSockets(): number {
    return this.#pageWays(false).filter(([, probe]) => probe.kind === 'websocket').length;
  }

  /** At the least, packets that the wall refuses of one round. */
  get refusals(): Partial<WallCounts> {
    const frames = (name: WallClass) => this.frameWays.filter(({ refused }) => refused === name).length;
    return {
      tcp: this.count('tcp') + frames('tcp'),
      udp: this.count('udp') + frames('udp'),
      spoofed: frames('spoofed') + toArpLies().length,
      ...Object.fromEntries((['icmp', 'foreign', 'other'] as const).map((name) => [name, frames(name)])),
    };
  }

  /** Runs commands in the clone's terminal; gives the titles of those that ended with 0. */
  async tryCommands(commands: readonly (readonly [title: string, command: string, ...rest: unknown[]])[]): Promise<string[]> {
    this.#round += 1;
    const probes = commands.map(([, command]): Probe => ({ kind: 'command', command }));
    const outcomes = await this.#run({ probes, silenceMs: SILENCE_MS * this.#options.slow, fromPort: 0 });
    return commands.flatMap(([title], way) => (outcomes[way] === 'reached' ? [title] : []));
  }

  /** Tries all; gives the titles of those that reached something, and what the others met. `isOpen`: what stands behind a wall is in its place. */
  async tryAll(isOpen = false): Promise<{ reached: string[]; met: Record<string, string> }> {
    this.#round += 1;
    const [desktop, page] = await Promise.all([this.#tryFromDesktop(isOpen), this.#tryFromPage(isOpen)]);
    const marks = this.frameWays.map((_, way) => this.#mark('frame', way));
    sendFrames(this.mine.guestNetns, 'eth0', [
      ...this.frameWays.flatMap(({ frames }, way) => frames(`escape${marks[way]!}`)),
      ...toArpLies(),
    ]);
    // A frame passes all rooms before it is told of.
    await sleep(500);
    const frames = Object.fromEntries(this.frameWays.map(({ title }, way) => [title, this.#isSeen(marks[way]!) ? 'reached' : 'silence']));
    const met: Record<string, string> = { ...desktop, ...page, ...frames, [ARP]: this.#isLiedTo() ? 'reached' : 'silence' };
    return { reached: this.titles.filter((title) => met[title] === 'reached'), met };
  }

  /** Takes the walls of the host and of both clones down, the proxy and the guest endpoint too; gives the way to put them up again. */
  takeWallsDown(): () => void {
    const { mine, other } = this;
    const restore = [undefined, mine.routerNetns, other.routerNetns].map(takeWallDown);
    const redirect = (rest: string) => `insert rule inet clone translate_in iifname "guest" ip daddr 192.168.100.1 ${rest}\n`;
    const { carelessProxy, carelessEndpoint } = PORTS;
    const toEndpoint = `tcp sport ${FIRST_PORT}-65535 tcp dport 10000 dnat ip to ${mine.hostAddress}:${carelessEndpoint}`;
    nft(mine.routerNetns, ['-f', '-'], redirect(`tcp dport 10001 dnat ip to ${mine.hostAddress}:${carelessProxy}`) + redirect(toEndpoint));
    // The other clone lets its own host in, and nobody else: that is part of its wall, too.
    nft(other.routerNetns, ['-f', '-'], 'insert rule inet clone translate_in iifname "up" tcp dport 6080 dnat ip to 192.168.100.2\n');
    // Whom nobody answered for through the wall is not asked for again at once.
    for (const netns of [mine.routerNetns, mine.guestNetns]) execFileSync('ip', ['-n', netns, '-6', 'neigh', 'flush', 'all']);
    within(mine.routerNetns, 'for f in all guest; do echo 0 >/proc/sys/net/ipv4/conf/$f/rp_filter; done');
    setNeighbour(mine, 'reachable');
    return () => {
      setNeighbour(mine, 'permanent');
      within(mine.routerNetns, 'echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter');
      for (const act of restore) act();
    };
  }

  /** What runs in the clone for the whole test: it asks for the programs of each round. */
  async #startInClone(): Promise<void> {
    const { target } = this.#desk;
    target.page('/careless.mjs', toCarelessWebsocket(PORTS.carelessWebsocket), 'text/plain');
    target.page('/escape.html', toPage(`${target.url}/page`));
    const rounds = `n=0; while [ $n -lt 9 ]; do n=$((n+1)); until curl -sf ${target.url}/probe/$n >/tmp/probe.mjs; do sleep 0.2; done
node /tmp/probe.mjs 2>&1 | curl -s --data-binary @- ${target.url}/probed/$n; done`;
    const script = `curl -s ${target.url}/careless.mjs >/tmp/careless.mjs; node /tmp/careless.mjs &
${this.#options.openPage(`${target.url}/escape.html`)} >/dev/null 2>&1 &
${rounds}\n`;
    target.page('/escape.sh', script, 'text/plain');
    await this.#desk.typeLine(`curl -s ${target.url}/escape.sh | sh &`);
    await target.waitFor('the page', ({ path }) => path === '/escape.html', ANSWER_MS * this.#options.slow);
  }

  async #tryFromDesktop(isOpen: boolean): Promise<Record<string, string>> {
    const mark = (way: number) => this.#mark('udp', way);
    const probes = this.#desktopWays.map(([, probe], way) => (probe.kind === 'udp' ? { ...probe, mark: mark(way) } : probe));
    const fromPort = FIRST_PORT + this.#round * PORTS_PER_ROUND;
    const careless = isOpen ? { careless: PORTS.carelessWebsocket } : {};
    const outcomes = await this.#run({ probes, silenceMs: SILENCE_MS * this.#options.slow, fromPort, ...careless });
    const met = (way: number) => (this.#isSeen(mark(way)) ? 'reached' : (outcomes[way] ?? 'nothing'));
    return Object.fromEntries(this.#desktopWays.map(([title], way) => [title, met(way)]));
  }

  #run(program: Program): Promise<string[]> {
    this.#desk.target.page(`/probe/${this.#round}`, toProgram(program), 'text/plain');
    return this.#answer(`/probed/${this.#round}`);
  }

  async #tryFromPage(isOpen: boolean): Promise<Record<string, string>> {
    const ways = this.#pageWays(isOpen);
    const told = { probes: ways.map(([, probe]) => probe), silenceMs: SILENCE_MS * this.#options.slow };
    const path = `/page/${++this.#pageRound}`;
    this.#desk.target.page(path, JSON.stringify(told), 'application/json');
    const outcomes = await this.#answer(`${path}/answer`);
    const met = (way: number) => (this.#isSeen(this.#mark('page', way)) ? 'reached' : (outcomes[way] ?? 'nothing'));
    return Object.fromEntries(ways.map(([title], way) => [title, met(way)]));
  }

  async #answer(path: string): Promise<string[]> {
    const { body } = await this.#desk.target.waitFor('the outcomes', (received) => received.path === path, ANSWER_MS * this.#options.slow);
    try {
      return JSON.parse(body) as string[];
    } catch (cause) {
      throw new Error(`${path}: ${body.slice(0, 2_000)}`, { cause });
    }
  }

  #pageWays(isOpen: boolean) {
    return toPageWays(this.mine, (way) => this.#mark('page', way), isOpen);
  }

  #mark(kind: keyof typeof MARKS, way: number): string {
    return toMark(this.#round, MARKS[kind] + way);
  }

  #isSeen(mark: string): boolean {
    return this.forbidden.witness.seen.has(mark);
  }

  /** Whether the router takes somebody else for the guest. */
  #isLiedTo(): boolean {
    return execFileSync('ip', ['-n', this.mine.routerNetns, 'neigh', 'show', 'dev', 'guest'], { encoding: 'utf8' }).includes(EVIL_MAC);
  }
}

function setNeighbour({ routerNetns }: Slot, state: 'permanent' | 'reachable'): void {
  execFileSync('ip', ['-n', routerNetns, 'neigh', 'replace', '192.168.100.2', 'lladdr', GUEST_MAC, 'dev', 'guest', 'nud', state]);
}

/** Addresses and routes of IPv6 from the guest to the host, on every interface there is. */
export function enableIpv6({ hostInterface, routerNetns, guestNetns }: Slot): void {
  const on = 'for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 0 >"$f"; done; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding';
  const batch = (netns: string | undefined, ...lines: string[]) =>
    execFileSync('ip', [...(netns ? ['-n', netns] : []), '-batch', '-'], { input: lines.map((line) => `${line}\n`).join('') });
  for (const netns of [routerNetns, guestNetns]) within(netns, on);
  execFileSync('sh', ['-ec', `echo 0 >/proc/sys/net/ipv6/conf/${hostInterface}/disable_ipv6`]);
  batch(undefined, `address add ${HOST_IPV6}/64 dev ${hostInterface} nodad`, 'route add fd00:2::/64 via fd00:1::2');
  batch(routerNetns, 'address add fd00:1::2/64 dev up nodad', 'address add fd00:2::1/64 dev guest nodad');
  // A machine behind a bridge has its own.
  batch(guestNetns, `address add ${GUEST_IPV6}/64 dev eth0 nodad`, 'route add default via fd00:2::1');
}

function within(netns: string, script: string): void {
  execFileSync('nsenter', [`--net=/run/netns/${netns}`, '--', 'sh', '-ec', script]);
}
