import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toCoturnConfig, type TurnPlan } from '../../infra/turn/coturn-config.ts';
import { COTURN_USER, planTurnWall, TURN_TABLE } from '../../infra/turn/wall.ts';
import { makeCertificates, type Certificates } from './certificates.ts';
import { INTERNET } from './internet.ts';
import { nft } from './nft.ts';

const PREPARE = join(import.meta.dirname, '../../infra/turn/prepare.sh');

/** A host of its own on the internet of a test, for TURN. */
export const TURN_HOST = { netns: 'turnhost', address: '203.0.113.60', ports: { plain: 3478, tls: 5349 }, realm: 'turn.example' } as const;

const PLAN: TurnPlan = {
  ...TURN_HOST,
  relayPorts: { min: 52_000, max: 65_535 },
  peers: { hosts: [INTERNET.hostAddress], slots: 0 },
  quota: { perViewer: 32, total: 200, kbps: 16_000 },
};

/** Puts it beside the host of desktops and the user's router; needs `makeInternet`, and to be called before anything listens. */
export function makeTurnHost(): void {
  const { netns, address } = TURN_HOST;
  const { hostAddress } = INTERNET;
  ip(
    [],
    `netns add ${netns}`,
    'link add wan type bridge',
    `link add turn0 type veth peer name eth0 netns ${netns}`,
    `address del ${hostAddress}/24 dev wan0`,
    'link set wan0 master wan',
    'link set turn0 master wan',
    `address add ${hostAddress}/24 dev wan`,
    'link set turn0 up',
    'link set wan up',
    'route add default via 203.0.113.254',
  );
  // The bridge is a switch of the internet: what goes through it is none of the host's own filters' business.
  const filtered = '/proc/sys/net/bridge/bridge-nf-call-iptables';
  if (existsSync(filtered)) writeFileSync(filtered, '0');
  // Where what must not be reached would be, were it asked: cloud metadata, a clone's router, a clone.
  const near = NEAR.map((own) => `address add ${own}/32 dev lo`);
  ip(['-n', netns], 'link set lo up', `address add ${address}/24 dev eth0`, 'link set eth0 up', ...near);
}

/** Addresses that this host has beside its own. */
export const NEAR = ['169.254.169.254', '100.96.0.2', '192.168.100.2', '10.0.0.1'] as const;

/** Debian's coturn on that host, with the config, the wall and the preparation that the stack puts there. */
export class Coturn {
  readonly #dir: string;
  readonly certificates: Certificates;
  /** What it said. */
  output = '';
  #child: ChildProcess | undefined;

  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(this.#run, { recursive: true });
    execFileSync('chown', [COTURN_USER, this.#run]);
    // Its way there is a directory of root's alone.
    for (const path of [dir, this.#run]) chmodSync(path, 0o755);
    this.certificates = makeCertificates(join(dir, 'tls'), TURN_HOST.address);
  }

  get #run(): string {
    return join(this.#dir, 'run');
  }

  /** The secrets that it takes from now on, the newest first; it may run. */
  take(...secrets: string[]): void {
    const file = join(this.#dir, 'secret');
    writeFileSync(file, `${secrets.join('\n')}\n`, { mode: 0o600 });
    const { certificate, key } = this.certificates;
    execFileSync('sh', [PREPARE, this.#run, PLAN.realm, certificate, key, file]);
    this.#child?.kill('SIGUSR2');
  }

  /** `open`: as it would be without what it may not reach being denied. */
  async start({ isOpen = false }: { isOpen?: boolean } = {}): Promise<void> {
    const { netns, ports } = TURN_HOST;
    const config = join(this.#dir, 'turnserver.conf');
    const text = toCoturnConfig(PLAN, this.#run);
    writeFileSync(config, isOpen ? `${text.replace(/^denied-peer-ip=.*$/gm, '')}allow-loopback-peers\n` : text, { mode: 0o644 });
    nft(netns, ['-f', '-'], planTurnWall(PLAN));
    const as = ['setpriv', '--reuid', COTURN_USER, '--regid', COTURN_USER, '--clear-groups', '--no-new-privs', '--bounding-set', '-all'];
    const child = spawn('ip', ['netns', 'exec', netns, ...as, 'turnserver', '-c', config, '--pidfile='], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    for (const until = Date.now() + 10_000; Date.now() < until && child.exitCode === null; await sleep(50)) {
      const listening = execFileSync('ip', ['netns', 'exec', netns, 'ss', '-Hlnt'], { encoding: 'utf8' });
      if (Object.values(ports).every((port) => listening.includes(`${TURN_HOST.address}:${port} `))) return;
    }
    throw new Error(`coturn does not listen; it said:\n${this.output}`);
  }

  /** Packets that its wall dropped. */
  refused(): number {
    const said = nft(TURN_HOST.netns, ['-j', 'list', 'counter', 'inet', TURN_TABLE, 'refused']);
    const { nftables } = JSON.parse(said) as { nftables: { counter?: { packets: number } }[] };
    return nftables.find(({ counter }) => counter)!.counter!.packets;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(late);
  }
}

function ip(options: string[], ...lines: string[]): void {
  execFileSync('ip', [...options, '-batch', '-'], { input: lines.map((line) => `${line}\n`).join('') });
}
