import { readFileSync } from 'node:fs';
import { toFrame, toIpv4, toUdp } from '../../../test/kit/escape/frames.ts';
import { sendFrames } from '../../../test/kit/escape/wire.ts';
import { assert, suite } from '#test/suite';
import { takeWallDown } from '#test/walls';
import { run } from '../../src/host/run.ts';
import { createCloneNetwork, removeCloneNetwork } from '../../src/net/clone-network.ts';
import { GATEWAY_MAC, GUEST_MAC } from '../../src/net/guest-mac.ts';
import { installHostTable, removeHostTable } from '../../src/net/host-table.ts';
import { toSlot } from '../../src/net/slot.ts';
import { parseCounters, type WallCounts } from '../../src/net/wall-totals.ts';
import { holdConnections, startHolding } from './hold.ts';

/* What a guest may have, and do in a second: tried from inside its network namespace, where one could do the most. */
const test = suite('net: limits of the wall', { timeoutMs: 60_000 });
const INSTANCE = 'oriewal';
const FRAMES = 200_000;
const slot = toSlot(INSTANCE, 0);
const endpoint = { host: '192.168.100.1', port: 10000 };
const servers = new AsyncDisposableStack();

test.before(async () => {
  await run(['ip', 'link', 'set', 'lo', 'up']);
  await installHostTable(INSTANCE);
  await createCloneNetwork(slot, { guestPorts: [] });
  servers.use(await startHolding(slot.hostAddress, endpoint.port));
});
test.after(async () => {
  await servers.disposeAsync();
  await removeCloneNetwork(slot);
  await removeHostTable(INSTANCE);
});

test('new connections: a burst, then so many a second; the rest is told no, none is known to the host', async () => {
  const { made, refused } = await holdConnections(slot.guestNetns, { ...endpoint, count: 1_000, perSecond: 10_000 });
  assert.ok(made >= 450 && made <= 800, `${made} were made`);
  assert.ok(refused >= 100, `${refused} were told no`);
  assert.ok((await readCounts()).new_rate >= 200, JSON.stringify(await readCounts()));
  const known = Number(readFileSync('/proc/sys/net/netfilter/nf_conntrack_count', 'utf8'));
  assert.ok(known < 20, `${known} are known to the host`);
});

test('connections at a time: so many, however slowly they are begun', async () => {
  const { made } = await holdConnections(slot.guestNetns, { ...endpoint, count: 1_500, perSecond: 120 });
  assert.ok(made > 1_000 && made <= 1_200, `${made} were made`);
  assert.ok((await readCounts()).connections > 50, JSON.stringify(await readCounts()));
});

test('packets: what is too much ends before it costs more than being counted', async () => {
  const before = await readCounts();
  sendFrames(slot.guestNetns, 'eth0', [toDatagram()], FRAMES);
  const after = await readCounts();
  assert.ok(after.flood - before.flood > FRAMES / 20, JSON.stringify(after));
  assert.is(after.flood - before.flood + after.udp - before.udp, FRAMES);
});

test('with the wall down the same connections all come through', async () => {
  const restore = takeWallDown(slot.routerNetns);
  const { made } = await holdConnections(slot.guestNetns, { ...endpoint, count: 1_500, perSecond: 10_000 });
  restore();
  assert.is(made, 1_500);
});

async function readCounts(): Promise<WallCounts> {
  return parseCounters(await run(['nft', '-j', 'list', 'counters'], { netns: slot.routerNetns }))!;
}

function toDatagram(): Buffer {
  const packet = toIpv4({ from: '192.168.100.2', to: slot.hostAddress, protocol: 17, payload: toUdp(4000, 9000, Buffer.alloc(64)) });
  return toFrame({ from: GUEST_MAC, to: GATEWAY_MAC }, 'ipv4', packet);
}

test.run();
