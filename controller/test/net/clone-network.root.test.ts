import { writeFile } from 'node:fs/promises';
import { suite, assert } from '#test/suite';
import { CommandFailed, run } from '../../src/host/run.ts';
import { CloneNetworkExists, createCloneNetwork, listCloneNetworks, removeCloneNetwork } from '../../src/net/clone-network.ts';
import { installHostTable, removeHostTable } from '../../src/net/host-table.ts';
import { toSlot, type Slot } from '../../src/net/slot.ts';
import { startEcho } from './echo.ts';
import { probeFrom, type Outcome, type Probe } from './probe.ts';

/*
 * Runs in a network namespace of its own, which plays the host. Every probe that must fail is shown to succeed in the same
 * run with the walls off: what it fails at is then the wall.
 */
const test = suite('net: reachability', { timeoutMs: 30_000 });
const INSTANCE = 'orienet';
const options = { guestPorts: [6080] };
const [mine, other] = [toSlot(INSTANCE, 0), toSlot(INSTANCE, 1)];
const OTHER_HOST_ADDRESS = '203.0.113.10';
const METADATA = '169.254.169.254';
const servers = new AsyncDisposableStack();
let before: string[];

/** What a guest tries, what it meets, and what it meets without any wall. */
const FROM_GUEST: [title: string, probe: Probe, walled: Outcome, open: Outcome][] = [
  ['guest endpoint', tcp('192.168.100.1', 10000), 'reached', 'refused'],
  ['egress proxy', tcp('192.168.100.1', 10001), 'reached', 'refused'],
  ['another port of the gateway', tcp('192.168.100.1', 10002), 'refused', 'reached'],
  ['guest endpoint by its outer address', tcp(mine.hostAddress, 10000), 'refused', 'reached'],
  ['another port of the host', tcp(mine.hostAddress, 10002), 'refused', 'reached'],
  ["the host's other address", tcp(OTHER_HOST_ADDRESS, 10000), 'refused', 'reached'],
  ['the metadata address', tcp(METADATA, 10000), 'refused', 'reached'],
  ["another clone's guest endpoint", tcp(other.hostAddress, 10000), 'refused', 'reached'],
  ["another clone's egress proxy", tcp(other.hostAddress, 10001), 'refused', 'reached'],
  ["another clone's websockify", tcp(other.routerAddress, 6080), 'refused', 'reached'],
  ["another clone's media", udp(other.routerAddress, other.media.portMin), 'silence', 'reached'],
  ['UDP to the guest endpoint', udp(mine.hostAddress, 10000), 'silence', 'reached'],
  ['UDP to the host', udp(mine.hostAddress, 5353), 'silence', 'reached'],
  ['UDP to the host from a media port', { ...udp(mine.hostAddress, 5353), fromPort: mine.media.portMin + 1 }, 'silence', 'reached'],
  ['UDP to elsewhere', udp(OTHER_HOST_ADDRESS, 5354), 'silence', 'reached'],
  ['a source address of its own making', { ...tcp(mine.hostAddress, 10000), from: '10.9.9.9' }, 'silence', 'reached'],
];

/** What the host tries at a clone. */
const FROM_HOST: [title: string, probe: Probe, walled: Outcome][] = [
  ['websockify', tcp(mine.routerAddress, 6080), 'reached'],
  ['another port of the guest', tcp(mine.routerAddress, 9999), 'silence'],
  ['first media port', udp(mine.routerAddress, mine.media.portMin), 'reached'],
  ['last media port', udp(mine.routerAddress, mine.media.portMax), 'reached'],
  ['UDP beside the media ports', udp(mine.routerAddress, mine.media.portMax + 1), 'silence'],
];

test.before(async () => {
  await run(['ip', '-batch', '-'], {
    input: `link set lo up\nlink add wan0 type veth peer name wan1\naddress add ${OTHER_HOST_ADDRESS}/24 dev wan0\naddress add ${METADATA}/32 dev wan0\nlink set wan0 up\nlink set wan1 up\n`,
  });
  before = await takeCensus();
  await installHostTable(INSTANCE);
  for (const slot of [mine, other]) {
    await createCloneNetwork(slot, options);
    const media = [slot.media.portMin, slot.media.portMax, slot.media.portMax + 1];
    servers.use(await startEcho(slot.guestNetns, { tcp: [6080, 9999], udp: media }));
  }
  servers.use(await startEcho(mine.routerNetns, { tcp: [10002], udp: [] }));
  servers.use(await startEcho(undefined, { tcp: [10000, 10001, 10002], udp: [5353, 10000] }));
  servers.use(await startEcho(undefined, { tcp: [], udp: [5354], host: OTHER_HOST_ADDRESS }));
  await run(['ip', '-n', mine.guestNetns, 'address', 'add', '10.9.9.9/32', 'dev', 'eth0']);
});

test.after(async () => {
  await servers.disposeAsync();
  for (const slot of [mine, other]) await removeCloneNetwork(slot);
  await removeHostTable(INSTANCE);
});

test('a guest reaches its two ports at the gateway and nothing else', async () => {
  assert.equal(await tryFromGuest(), expected(FROM_GUEST, 2));
});

test("the host reaches a clone's websockify and media and nothing else", async () => {
  const outcomes = await probeFrom(
    undefined,
    FROM_HOST.map(([, probe]) => probe),
  );
  assert.equal(named(FROM_HOST, outcomes), expected(FROM_HOST, 2));
});

test('a clone of which the IPv6 switch were forgotten is still walled in', async () => {
  await enableIpv6();
  const target: Probe = { kind: 'tcp', host: 'fd00:1::1', port: 10000 };
  assert.equal(await probeFrom(mine.guestNetns, [target]), ['silence'], 'with both walls');
  await run(['nft', 'flush', 'ruleset'], { netns: mine.routerNetns });
  assert.equal(await probeFrom(mine.guestNetns, [target]), ['silence'], "with the host's wall alone");
  await removeHostTable(INSTANCE);
  assert.equal(await probeFrom(mine.guestNetns, [target]), ['reached'], 'without walls');
  await installHostTable(INSTANCE);
});

test("without the clone's wall the host's still keeps all but its own two ports from it", async () => {
  for (const slot of [mine, other]) await openRouter(slot);
  await run(['ip', '-n', mine.routerNetns, 'route', 'add', '10.9.9.9', 'dev', 'guest']);
  const outcomes = named(FROM_GUEST, await tryOutcomes());
  const reached = Object.entries(outcomes).flatMap(([title, outcome]) => (outcome === 'reached' ? [title] : []));
  assert.equal(reached, ['another port of the gateway', 'guest endpoint by its outer address']);
});

test('every one of these probes succeeds with the walls off', async () => {
  await removeHostTable(INSTANCE);
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
  await run(['ip', 'route', 'add', '10.9.9.9', 'via', mine.routerAddress]);
  assert.equal(await tryFromGuest(), expected(FROM_GUEST, 3));
});

test("the host's table leaves everybody else's traffic alone", async () => {
  await installHostTable(INSTANCE);
  await run(['ip', '-batch', '-'], {
    input: `netns add ${INSTANCE}-lan\nlink add lan0 type veth peer name eth0 netns ${INSTANCE}-lan\naddress add 10.77.0.1/24 dev lan0\nlink set lan0 up\n`,
  });
  await run(['ip', '-n', `${INSTANCE}-lan`, '-batch', '-'], {
    input: 'address add 10.77.0.2/24 dev eth0\nlink set eth0 up\nroute add default via 10.77.0.1\n',
  });
  const probes = [
    tcp('10.77.0.1', 10002),
    udp('10.77.0.1', 5353),
    tcp(OTHER_HOST_ADDRESS, 10002),
    udp(mine.routerAddress, mine.media.portMin),
  ];
  const outcomes = await probeFrom(`${INSTANCE}-lan`, probes);
  await run(['ip', '-batch', '-'], { input: `link delete lan0\nnetns delete ${INSTANCE}-lan\n` });
  assert.equal(outcomes, ['reached', 'reached', 'reached', 'silence'], 'the last one would be forwarded into a clone');
});

test('slots in use are listed, and refused a second time without harm', async () => {
  assert.equal(await listCloneNetworks(INSTANCE), [0, 1]);
  assert.equal(await listCloneNetworks('orien'), [], 'another instance, though its name is the beginning of ours');
  const error = await createCloneNetwork(mine, options).catch((reason: unknown) => reason);
  assert.instance(error, CloneNetworkExists);
  assert.equal(await listCloneNetworks(INSTANCE), [0, 1]);
});

test('a creation that fails half-way leaves nothing, taking down twice is no error', async () => {
  const slot = toSlot(INSTANCE, 2);
  const error = await createCloneNetwork(slot, { guestPorts: [99999999] }).catch((reason: unknown) => reason);
  assert.instance(error, CommandFailed);
  assert.match((error as Error).message, /^nft -f - \(netns orienet-r2\): exit code 1: /);
  assert.equal(await listCloneNetworks(INSTANCE), [0, 1]);
  await removeCloneNetwork(slot);
});

test('what a crash left half is taken down', async () => {
  const slot = toSlot(INSTANCE, 3);
  await run(['ip', '-batch', '-'], { input: `netns add ${slot.routerNetns}\nlink add ${slot.hostInterface} type veth peer name up\n` });
  await writeFile(`/run/netns/${slot.guestNetns}`, '', { mode: 0 });
  assert.equal(await listCloneNetworks(INSTANCE), [0, 1, 3]);
  await removeCloneNetwork(slot);
  assert.equal(await listCloneNetworks(INSTANCE), [0, 1]);
});

test('after removal a census by plain tools is what it was before', async () => {
  await servers.disposeAsync();
  await run(['ip', 'route', 'del', '10.9.9.9', 'via', mine.routerAddress]);
  for (const slot of [mine, other]) await removeCloneNetwork(slot);
  await removeHostTable(INSTANCE);
  assert.equal(await takeCensus(), before);
});

function tcp(host: string, port: number): Probe {
  return { kind: 'tcp', host, port };
}

function udp(host: string, port: number): Probe {
  return { kind: 'udp', host, port };
}

function tryOutcomes(): Promise<Outcome[]> {
  return probeFrom(
    mine.guestNetns,
    FROM_GUEST.map(([, probe]) => probe),
  );
}

async function tryFromGuest(): Promise<Record<string, Outcome>> {
  return named(FROM_GUEST, await tryOutcomes());
}

function named(rows: readonly (readonly [string, ...unknown[]])[], outcomes: Outcome[]): Record<string, Outcome> {
  return Object.fromEntries(rows.map(([title], index) => [title, outcomes[index]!]));
}

function expected(rows: readonly (readonly [string, Probe, ...Outcome[]])[], column: 2 | 3): Record<string, Outcome> {
  return Object.fromEntries(rows.map((row) => [row[0], row[column] as Outcome]));
}

/** A clone's wall off: its router forwards what comes, and translates so that answers find back. */
async function openRouter(slot: Slot): Promise<void> {
  const input = `flush ruleset
table ip open {
  chain in {
    type nat hook prerouting priority dstnat; policy accept;
    ip daddr ${slot.routerAddress} dnat to 192.168.100.2
  }
  chain out {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 192.168.100.2 oifname "up" masquerade
  }
}
`;
  await run(['nft', '-f', '-'], { netns: slot.routerNetns, input });
}

async function enableIpv6(): Promise<void> {
  const on = 'for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 0 >"$f"; done; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding';
  for (const netns of [undefined, mine.routerNetns, mine.guestNetns]) await run(['sh', '-ec', on], netns ? { netns } : {});
  await run(['ip', '-batch', '-'], {
    input: `address add fd00:1::1/64 dev ${mine.hostInterface} nodad\nroute add fd00:2::/64 via fd00:1::2\n`,
  });
  await run(['ip', '-n', mine.routerNetns, '-batch', '-'], {
    input: 'address add fd00:1::2/64 dev up nodad\naddress add fd00:2::1/64 dev guest nodad\n',
  });
  await run(['ip', '-n', mine.guestNetns, '-batch', '-'], {
    input: 'address add fd00:2::2/64 dev eth0 nodad\nroute add default via fd00:2::1\n',
  });
}

/** Namespaces are the host's, so only ours count; the rest is in this network namespace alone. */
async function takeCensus(): Promise<string[]> {
  const [namespaces, ...rest] = await Promise.all([
    run(['ip', 'netns']),
    run(['ip', '-br', 'address', 'show', 'scope', 'global']),
    run(['nft', 'list', 'ruleset']),
  ]);
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  return [...lines(namespaces).filter((line) => line.startsWith(INSTANCE)), ...rest.flatMap(lines)];
}

test.run();
