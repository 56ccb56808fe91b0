import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { HOME, makeHome } from '#test/home';
import { INTERNET, makeInternet } from '#test/internet';
import { suite, assert } from '#test/suite';
import { run } from '../../src/host/run.ts';
import { createCloneNetwork, removeCloneNetwork } from '../../src/net/clone-network.ts';
import { installHostTable, removeHostTable } from '../../src/net/host-table.ts';
import { findMediaProblems } from '../../src/net/media-problems.ts';
import { toSlot } from '../../src/net/slot.ts';
import { startEcho } from './echo.ts';
import { flowFrom } from './flow.ts';
import { probeFrom, type Outcome, type Probe } from './probe.ts';

/*
 * The prober sits at home, behind a NAT. What it must not reach is reached in the same run with the host's table away.
 */
const test = suite('net: public path', { timeoutMs: 30_000 });
const INSTANCE = 'oriepub';
const { hostAddress } = INTERNET;
const PUBLIC = [hostAddress];
const [mine, other] = [toSlot(INSTANCE, 0), toSlot(INSTANCE, 7)];
/** A network behind the host that is nobody's business: a container bridge, an office. */
const INNER = '10.55.0.2';
const servers = new AsyncDisposableStack();

const FROM_HOME: [title: string, probe: Probe, walled: Outcome, open: Outcome][] = [
  ["a clone's first media port", udp(hostAddress, mine.media.portMin), 'reached', 'silence'],
  ["a clone's last media port", udp(hostAddress, mine.media.portMax), 'reached', 'silence'],
  ["another clone's media", udp(hostAddress, other.media.portMin), 'reached', 'silence'],
  ['media ports of a slot without a clone', udp(hostAddress, toSlot(INSTANCE, 3).media.portMin), 'silence', 'silence'],
  ['TCP to a media port', tcp(hostAddress, mine.media.portMin), 'refused', 'refused'],
  ["a clone's media by its inner address", udp(mine.routerAddress, mine.media.portMin), 'silence', 'reached'],
  ["a clone's websockify by its inner address", tcp(mine.routerAddress, 6080), 'silence', 'reached'],
  ['a network behind the host', tcp(INNER, 9000), 'silence', 'reached'],
  ['the host itself', tcp(hostAddress, 9000), 'reached', 'reached'],
];

test.before(async () => {
  makeInternet();
  makeHome();
  await run(['ip', '-batch', '-'], {
    input: `netns add inner\nlink add inner0 type veth peer name eth0 netns inner\naddress add 10.55.0.1/24 dev inner0\nlink set inner0 up\n`,
  });
  await run(['ip', '-n', 'inner', '-batch', '-'], {
    input: `address add ${INNER}/24 dev eth0\nlink set eth0 up\nroute add default via 10.55.0.1\n`,
  });
  servers.use(await startEcho('inner', { tcp: [9000], udp: [] }));
  servers.use(await startEcho(undefined, { tcp: [9000], udp: [] }));
});

test.after(async () => {
  await servers.disposeAsync();
  for (const slot of [mine, other]) await removeCloneNetwork(slot);
  await removeHostTable(INSTANCE);
});

test('users elsewhere reach media at the public address, and nothing else of clones or behind the host', async () => {
  await installHostTable(INSTANCE, PUBLIC);
  for (const slot of [mine, other]) {
    await createCloneNetwork(slot, { guestPorts: [6080], isPublic: true });
    servers.use(await startEcho(slot.guestNetns, { tcp: [6080], udp: [slot.media.portMin, slot.media.portMax] }));
  }
  assert.equal(await tryFromHome(), expected(2));
  assert.equal(await readForwarding('wan0'), '1');
  assert.equal(await findMediaProblems(INSTANCE, PUBLIC), []);
});

test('the same holds after it is installed anew, as by the next controller', async () => {
  await installHostTable(INSTANCE, PUBLIC);
  assert.equal(await tryFromHome(), expected(2));
});

test('no datagram of a picture on its way is lost while it is installed anew', async () => {
  const flowing = flowFrom(HOME.netns, { host: hostAddress, port: mine.media.portMin, ms: 2_000 });
  for (let time = 0; time < 10; time++) {
    await installHostTable(INSTANCE, PUBLIC);
    await sleep(100);
  }
  const { sent, back } = await flowing;
  assert.ok(sent > 100, `${sent} sent`);
  assert.is(back, sent);
  const cut = flowFrom(HOME.netns, { host: hostAddress, port: mine.media.portMin, ms: 600 });
  await sleep(400);
  await removeHostTable(INSTANCE);
  const { sent: others, back: some } = await cut;
  assert.ok(some < others, 'and they would be missed: without the table they are');
  await installHostTable(INSTANCE, PUBLIC);
});

test('a firewall of somebody else is named before users find out', async () => {
  await run(['nft', '-f', '-'], { input: 'table ip filter {\n  chain FORWARD { type filter hook forward priority 0; policy drop; }\n}\n' });
  assert.match((await findMediaProblems(INSTANCE, PUBLIC))[0]!, /^chain FORWARD of table ip filter drops/);
  assert.is((await probeFrom(HOME.netns, [FROM_HOME[0]![1]]))[0], 'silence', 'what is named is what happens');
  await run(['nft', 'delete', 'table', 'ip', 'filter']);
});

test('every probe that failed succeeds with the walls off and forwarding on', async () => {
  await removeHostTable(INSTANCE);
  assert.equal(await readForwarding('wan0'), '0', 'what was opened is closed again');
  await run(['nft', '-f', '-'], { netns: mine.routerNetns, input: OPEN });
  for (const name of ['wan0', 'inner0']) await writeFile(`/proc/sys/net/ipv4/conf/${name}/forwarding`, '1');
  assert.equal(await tryFromHome(), expected(3));
});

test('an interface that forwarded before goes on forwarding, also when Oriel is gone', async () => {
  await installHostTable(INSTANCE, PUBLIC);
  const inner = FROM_HOME.find(([title]) => title === 'a network behind the host')![1];
  assert.equal(await probeFrom(HOME.netns, [inner]), ['reached']);
  await removeHostTable(INSTANCE);
  assert.equal(await readForwarding('wan0'), '1');
});

test('without public addresses nothing is opened', async () => {
  await writeFile('/proc/sys/net/ipv4/conf/wan0/forwarding', '0');
  await installHostTable(INSTANCE);
  assert.equal(await readForwarding('wan0'), '0');
  assert.not.match(await run(['nft', 'list', 'table', 'inet', INSTANCE]), /media_in/);
  assert.equal(await findMediaProblems(INSTANCE, []), []);
});

/** A clone without its wall, whose websockify anybody may reach. */
const OPEN = `flush chain inet clone forward
add chain inet clone forward { policy accept; }
add rule inet clone translate_in iifname "up" tcp dport 6080 dnat ip to 192.168.100.2
`;

function tcp(host: string, port: number): Probe {
  return { kind: 'tcp', host, port };
}

function udp(host: string, port: number): Probe {
  return { kind: 'udp', host, port };
}

async function tryFromHome(): Promise<Record<string, Outcome>> {
  const outcomes = await probeFrom(
    HOME.netns,
    FROM_HOME.map(([, probe]) => probe),
  );
  return Object.fromEntries(FROM_HOME.map(([title], index) => [title, outcomes[index]!]));
}

function expected(column: 2 | 3): Record<string, Outcome> {
  return Object.fromEntries(FROM_HOME.map((row) => [row[0], row[column]]));
}

async function readForwarding(name: string): Promise<string> {
  return (await readFile(`/proc/sys/net/ipv4/conf/${name}/forwarding`, 'utf8')).trim();
}

test.run();
