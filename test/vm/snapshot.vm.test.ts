import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from '#contract/session';
import { diffCensus, takeCensus } from '#test/census';
import { makeInternet } from '#test/internet';
import { isLong, nightly } from '#test/long';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { waitForSession } from '../../bench/kit/sessions.ts';
import { createClient, type OrielClient } from '../../controller/client/index.ts';
import { toOffer } from '../../guest/test/fakes/offer.ts';

/*
 * Machines that begin as copies of one that was booted (ORIEL_SNAPSHOTS=1). The first session of a controller boots and is written down
 * on its way; the others go on from there.
 */
/** Each takes half a minute of an emulated processor. */
const COPIES = 10;
const BOOTED = /^init: .*services start/m;
const LIMIT_MS = 120_000 * PACE;
const test = suite('machines that begin from a snapshot', { timeoutMs: 600_000 });
const claim = nightly(test);

const oriel = new Oriel({ env: { ORIEL_DRIVER: process.env.ORIEL_TEST_VM_DRIVER ?? 'qemu', ORIEL_SNAPSHOTS: '1' } });
const machines: Machine[] = [];
let client: OrielClient;
let before: string[] = [];
let cold: Machine;

interface Machine {
  machineId: string;
  /** What its random numbers made: the certificate's fingerprint, the password of its media. */
  fingerprint: string;
  icePassword: string;
  console: string;
}

test.before(async () => {
  if (!isLong) return;
  makeInternet();
  before = takeCensus();
  const { origin, apiKey, sessionId } = await oriel.start(LIMIT_MS * 2);
  client = createClient({ baseUrl: origin, token: apiKey });
  cold = await look(sessionId);
});
test.after(async () => {
  if (!isLong) return;
  await oriel.interrupt();
  oriel.removeFiles();
});

claim('the first one boots, and is written down once', async () => {
  assert.is(oriel.output.match(/snapshot taken/g)?.length, 1, oriel.output);
  const [name, ...more] = await readdir(join(oriel.dir, 'data/snapshots'));
  assert.equal(more, []);
  const mib = await readMemoryMib(join(oriel.dir, 'data/snapshots', name!));
  process.stdout.write(`state: ${Math.round(mib)} MiB\n`);
  assert.ok(mib > 1);
});

claim(`${COPIES} copies of it are machines of their own`, async () => {
  for (let count = 0; count < COPIES; count += 2) machines.push(...(await Promise.all([meet(`copy-${count}`), meet(`copy-${count + 1}`)])));
  for (const what of ['machineId', 'fingerprint', 'icePassword'] as const)
    assert.is(new Set(machines.map((machine) => machine[what])).size, COPIES, machines.map((machine) => machine[what]).join('\n'));
  assert.is(oriel.output.match(/snapshot taken/g)?.length, 1, 'all of one snapshot');
});

claim('none of them booted: each went on from the gate', () => {
  assert.match(cold.console, BOOTED);
  for (const { console } of machines) {
    assert.match(console, /^gate: awake/m);
    assert.not.match(console, BOOTED);
  }
});

claim('a snapshot that is damaged is thrown away, with a warning; the machine boots', async () => {
  const [name] = await readdir(join(oriel.dir, 'data/snapshots'));
  await truncate(join(oriel.dir, 'data/snapshots', name!, 'state'), 2 ** 20);
  const { console } = await meet('after');
  assert.match(oriel.output, /a snapshot is of no use and was thrown away/);
  assert.match(console, BOOTED);
});

claim('Ctrl-C leaves nothing behind', async () => {
  assert.is(await oriel.interrupt(), 0);
  assert.equal(diffCensus(before, takeCensus()), []);
});

async function meet(userId: string): Promise<Machine> {
  return look((await client.startSession({ userId, provider: 'desktop' })).sessionId);
}

/** What there is to see of a session's machine, which is not needed any more. */
async function look(sessionId: string): Promise<Machine> {
  try {
    const { machine } = await waitForSession(client, sessionId, isViewable, LIMIT_MS);
    const { offerId } = await client.sendOffer(sessionId, { offer: { type: 'offer', sdp: toOffer() } });
    const { answer } = await client.waitForAnswer(sessionId, offerId, { signal: AbortSignal.timeout(LIMIT_MS) });
    const word = (name: string) => new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(answer.sdp)![1]!;
    const { lines } = await client.getConsole(sessionId);
    return { machineId: machine!.machineId, fingerprint: word('fingerprint'), icePassword: word('ice-pwd'), console: lines.join('\n') };
  } finally {
    await client.stop(sessionId);
  }
}

/** What is written down of a machine's memory and devices, MiB: in one file by QEMU, in two by Firecracker. */
async function readMemoryMib(dir: string): Promise<number> {
  const names = (await readdir(dir)).filter((name) => name !== 'overlay.ext4');
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(dir, name))).size));
  return sizes.reduce((total, size) => total + size, 0) / 2 ** 20;
}

function isViewable({ status }: Session): boolean {
  return status === 'vm_created';
}

test.run();
