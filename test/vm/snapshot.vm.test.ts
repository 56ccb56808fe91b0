import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from '#contract/session';
import { diffCensus, takeCensus } from '#test/census';
import { makeInternet } from '#test/internet';
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
const COPIES = 10;
const LIMIT_MS = 120_000 * PACE;
const test = suite('machines that begin from a snapshot', { timeoutMs: 240_000 });

const oriel = new Oriel({ env: { ORIEL_DRIVER: process.env.ORIEL_TEST_VM_DRIVER ?? 'qemu', ORIEL_SNAPSHOTS: '1' } });
const machines: Machine[] = [];
let client: OrielClient;
let before: string[] = [];
let cold: Session;

interface Machine {
  machineId: string;
  /** What its random numbers made: the certificate's fingerprint, the password of its media. */
  fingerprint: string;
  icePassword: string;
  session: Session;
}

test.before(async () => {
  makeInternet();
  before = takeCensus();
  const { origin, apiKey, sessionId } = await oriel.start(LIMIT_MS * 2);
  client = createClient({ baseUrl: origin, token: apiKey });
  cold = await waitForSession(client, sessionId, isViewable, LIMIT_MS);
  await client.stop(sessionId);
});
test.after(async () => {
  await oriel.interrupt();
  oriel.removeFiles();
});

test('the first one boots, and is written down once', async () => {
  assert.is(oriel.output.match(/snapshot taken/g)?.length, 1, oriel.output);
  const [name, ...more] = await readdir(join(oriel.dir, 'data/snapshots'));
  assert.equal(more, []);
  const mib = await readMemoryMib(join(oriel.dir, 'data/snapshots', name!));
  process.stdout.write(`state: ${Math.round(mib)} MiB\n`);
  assert.ok(mib > 1);
});

test(`${COPIES} copies of it are machines of their own`, async () => {
  for (let count = 1; count <= COPIES; count++) machines.push(await meet(`copy-${count}`));
  for (const what of ['machineId', 'fingerprint', 'icePassword'] as const)
    assert.is(new Set(machines.map((machine) => machine[what])).size, COPIES, machines.map((machine) => machine[what]).join('\n'));
  assert.is(oriel.output.match(/snapshot taken/g)?.length, 1, 'all of one snapshot');
});

test('each is there sooner than one that boots', () => {
  const ms = (session: Session) =>
    sum(session.phases.filter(({ name }) => name === 'machine' || name === 'boot').map((phase) => phase.ms!));
  process.stdout.write(`machine and boot: cold ${ms(cold)} ms, copies ${machines.map(({ session }) => ms(session)).join(' ')} ms\n`);
  for (const { session } of machines) assert.ok(ms(session) < ms(cold), `${ms(session)} against ${ms(cold)} ms`);
});

test('Ctrl-C leaves nothing behind', async () => {
  assert.is(await oriel.interrupt(), 0);
  assert.equal(diffCensus(before, takeCensus()), []);
});

async function meet(userId: string): Promise<Machine> {
  const { sessionId } = await client.startSession({ userId, provider: 'desktop' });
  try {
    const session = await waitForSession(client, sessionId, isViewable, LIMIT_MS);
    const { offerId } = await client.sendOffer(sessionId, { offer: { type: 'offer', sdp: toOffer() } });
    const { answer } = await client.waitForAnswer(sessionId, offerId, { signal: AbortSignal.timeout(LIMIT_MS) });
    const word = (name: string) => new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(answer.sdp)![1]!;
    return { machineId: session.machine!.machineId, fingerprint: word('fingerprint'), icePassword: word('ice-pwd'), session };
  } finally {
    await client.stop(sessionId);
  }
}

/** What is written down of a machine's memory and devices, MiB: in one file by QEMU, in two by Firecracker. */
async function readMemoryMib(dir: string): Promise<number> {
  const names = (await readdir(dir)).filter((name) => name !== 'overlay.ext4');
  return sum(await Promise.all(names.map(async (name) => (await stat(join(dir, name))).size))) / 2 ** 20;
}

function isViewable({ status }: Session): boolean {
  return status === 'vm_created';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

test.run();
