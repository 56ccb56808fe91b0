import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session, SessionStarted } from '#contract/session';
import { Desk } from '#test/desk';
import { INTERNET } from '#test/internet';
import { nft } from '#test/nft';
import { type Outcome, type Probe, toProbeProgram } from '#test/probe-page';
import { assert, suite } from '#test/suite';
import { takeWallDown } from '#test/walls';
import { startEcho } from '../../controller/test/net/echo.ts';
import { toSlot } from '../../controller/src/net/slot.ts';

/*
 * The probes are typed into the desktop's terminal. Each one that must fail is shown to succeed in the same run with the walls
 * off: what it fails at is then the wall, and not a server that was never there.
 */
const test = suite('isolation', { timeoutMs: 60_000 });

const { hostAddress, serverAddress } = INTERNET;
const METADATA = '169.254.169.254';
const desk = new Desk({ env: { ORIEL_BIND: '0.0.0.0', ORIEL_ALLOW_WEAK_ISOLATION: '1', ORIEL_PUBLIC_ADDRESSES: hostAddress } });
const [mine, other] = [toSlot(desk.oriel.instance, 0), toSlot(desk.oriel.instance, 1)];
const otherMedia = other.media.portMin + 1;
/** Ports on which the host answers, beside the controller's. */
const HOST_PORT = 9000;
const servers = new AsyncDisposableStack();

const FORBIDDEN: [title: string, probe: Probe][] = [
  ['the API, by the address of the guest endpoint', tcp(mine.hostAddress, 7080)],
  ['the API, by the public address', tcp(hostAddress, 7080)],
  ['the guest endpoint, past the router', tcp(mine.hostAddress, 10000)],
  ['the egress proxy, past the router', tcp(mine.hostAddress, 10001)],
  ['the host, by the address of the guest endpoint', tcp(mine.hostAddress, HOST_PORT)],
  ['the host, by its public address', tcp(hostAddress, HOST_PORT)],
  ['the host, UDP', udp(mine.hostAddress, HOST_PORT)],
  ['the host, UDP by its public address', udp(hostAddress, HOST_PORT)],
  ['the metadata address', tcp(METADATA, HOST_PORT)],
  ["another clone's guest endpoint", tcp(other.hostAddress, 10000)],
  ["another clone's egress proxy", tcp(other.hostAddress, 10001)],
  ["another clone's websockify", tcp(other.routerAddress, 6080)],
  ["another clone's media", udp(other.routerAddress, otherMedia)],
  ["another clone's media, by the public address", udp(hostAddress, otherMedia)],
  ['the test server, past the proxy', tcp(serverAddress, 80)],
  ['the test server, UDP', udp(serverAddress, HOST_PORT)],
];

/** What every clone may: shows that the prober works while all else fails. */
const ALLOWED: [title: string, probe: Probe][] = [
  ['the guest endpoint', tcp('192.168.100.1', 10000)],
  ['the egress proxy', tcp('192.168.100.1', 10001)],
];

test.before(async () => {
  await desk.start(() => void execFileSync('ip', ['address', 'add', `${METADATA}/32`, 'dev', 'lo']));
  await startSecondClone();
  for (const host of [mine.hostAddress, hostAddress, METADATA, serverAddress])
    servers.use(await startEcho(undefined, { tcp: [HOST_PORT], udp: [HOST_PORT], host }));
  servers.use(await startEcho(other.guestNetns, { tcp: [], udp: [otherMedia] }));
  // By the public address, what is not sent on to the other clone ends at the host itself.
  servers.use(await startEcho(undefined, { tcp: [], udp: [otherMedia], host: hostAddress }));
});

test.after(async () => {
  await servers.disposeAsync();
  await desk.stop();
});

test('a clone reaches its guest endpoint and its way out, and nothing else', async () => {
  assert.equal(reachedOf(await probe()), titles(ALLOWED));
});

test('each of these probes succeeds with the walls off', async () => {
  const restore = [undefined, mine.routerNetns, other.routerNetns].map(takeWallDown);
  // The other clone lets its own host in, and nobody else: that is part of its wall, too.
  nft(other.routerNetns, ['-f', '-'], 'insert rule inet clone translate_in iifname "up" tcp dport 6080 dnat ip to 192.168.100.2\n');
  const reached = reachedOf(await probe());
  restore.forEach((act) => act());
  assert.equal(reached, [...titles(FORBIDDEN), ...titles(ALLOWED)]);
});

test('with the walls up again, all is as it was', async () => {
  assert.equal(reachedOf(await probe()), titles(ALLOWED));
});

let probed = 0;

/** What all probes met, told by a program that is started in the terminal. */
async function probe(): Promise<Record<string, Outcome>> {
  const [program, answer] = [`/probe/${++probed}`, `/probed/${probed}`];
  const all = [...FORBIDDEN, ...ALLOWED];
  desk.target.page(program, toProbeProgram(all.map(([, one]) => one)), 'text/plain');
  await desk.typeLine(
    `curl -s ${desk.target.url}${program} >/tmp/p.mjs; node /tmp/p.mjs | curl -s --data-binary @- ${desk.target.url}${answer}`,
  );
  const { body } = await desk.target.waitFor('the outcomes', ({ path }) => path === answer, 15_000);
  const outcomes = JSON.parse(body) as Outcome[];
  return Object.fromEntries(all.map(([title], index) => [title, outcomes[index]!]));
}

function reachedOf(outcomes: Record<string, Outcome>): string[] {
  return Object.entries(outcomes).flatMap(([title, outcome]) => (outcome === 'reached' ? [title] : []));
}

async function startSecondClone(): Promise<void> {
  const { origin, apiKey } = desk.session;
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ userId: 'neighbour', provider: 'desktop' });
  const { sessionId } = (await (await fetch(`${origin}/api/auth/start`, { method: 'POST', headers, body })).json()) as SessionStarted;
  for (const until = Date.now() + 30_000; ; await sleep(50)) {
    const { status, reason } = (await (await fetch(`${origin}/api/auth/session/${sessionId}`, { headers })).json()) as Session;
    if (status === 'vm_created') return;
    assert.ok(Date.now() < until && !reason, `the second clone is ${status}: ${reason?.message}`);
  }
}

function titles(rows: readonly (readonly [string, Probe])[]): string[] {
  return rows.map(([title]) => title);
}

function tcp(host: string, port: number): Probe {
  return { kind: 'tcp', host, port };
}

function udp(host: string, port: number): Probe {
  return { kind: 'udp', host, port };
}

test.run();
