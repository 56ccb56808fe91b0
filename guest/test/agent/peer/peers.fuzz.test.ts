import { readdirSync, readlinkSync } from 'node:fs';
import { fc, fuzz } from '#test/fuzz';
import { mutate } from '#test/sdp-mutations';
import { assert, suite } from '#test/suite';
import { Injector } from '../../../src/agent/input/injector.ts';
import { createLog } from '../../../src/agent/log.ts';
import { Peers } from '../../../src/agent/peer/peers.ts';
import type { EncoderEvents } from '../../../src/agent/stream/encoder.ts';
import { Lanes } from '../../../src/agent/stream/lanes.ts';
import { FakeEncoder, SETTINGS } from '../../fakes/fake-encoder.ts';
import { FakeResizer } from '../../fakes/fake-resizer.ts';
import { FakeX } from '../../fakes/fake-x.ts';
import { toOffer } from '../../fakes/offer.ts';

const test = suite('fuzzed peers', { timeoutMs: 600_000 });

/** Everything that would have ended the agent. */
const ends: unknown[] = [];
process.on('uncaughtException', (error) => ends.push(error)).on('unhandledRejection', (error) => ends.push(error));

const x = new FakeX();
const createEncoder = (events: EncoderEvents) => new FakeEncoder(events);
const lanes = new Lanes({ settings: SETTINGS, createEncoder, createSlowEncoder: createEncoder, onFailure: () => {}, lingerMs: 1 });
const peers = new Peers({
  ports: { portMin: 43000, portMax: 43063 },
  bitrateKbps: 4000,
  lanes,
  injector: new Injector({ display: x }),
  resizer: new FakeResizer(),
  getSize: () => x.size,
  onInput: () => {},
  onChange: () => {},
  log: createLog(() => {}),
});

test.after(() => {
  peers.stop();
  lanes.stop();
});

/** Numbers, names and lists that are none, in the place of a word of a line. */
const WORDS = [
  '',
  '-1',
  '0',
  '65536',
  '4294967296',
  '1e9',
  'NaN',
  '*',
  ':',
  '/',
  '\u0000',
  '💥',
  '__proto__',
  'a'.repeat(2_000),
  '0 '.repeat(200),
];
const base = toOffer().split('\r\n').filter(Boolean);
const edits = fc.array(
  fc.record({
    line: fc.nat(base.length - 1),
    how: fc.oneof(
      fc.constantFrom('drop' as const, 'twice' as const, 'first' as const, 'last' as const),
      fc.record({ word: fc.nat(12), to: fc.oneof(fc.constantFrom(...WORDS), fc.string()) }),
      fc.record({ like: fc.constantFrom(...base) }),
    ),
  }),
  { minLength: 1, maxLength: 5 },
);
type Edit = typeof edits extends fc.Arbitrary<(infer T)[]> ? T : never;

function edit(lines: readonly string[], { line, how }: Edit): string[] {
  const at = line % Math.max(1, lines.length);
  const [before, one = '', after] = [lines.slice(0, at), lines[at], lines.slice(at + 1)];
  if (how === 'drop') return [...before, ...after];
  if (how === 'twice') return [...before, one, one, ...after];
  if (how === 'first') return [one, ...before, ...after];
  if (how === 'last') return [...before, ...after, one];
  if ('like' in how) return [...before, how.like, one, ...after];
  const words = one.split(/(?<=[ :=])/);
  return [...before, words.map((word, index) => (index === how.word % words.length ? how.to : word)).join(''), ...after];
}

const systematic = mutate(toOffer()).map(({ sdp }) => sdp);
const offers = fc.oneof(
  { weight: 3, arbitrary: edits.map((all) => `${all.reduce(edit, base as string[]).join('\r\n')}\r\n`) },
  { weight: 1, arbitrary: fc.constantFrom(...systematic) },
);

test('any offer is answered, or refused in words, and the agent goes on as if there had been none', async () => {
  const before = countSockets();
  let answered = 0;
  const refusals = new Set<string>();
  await fuzz(fc.record({ sdp: offers, peerId: fc.constantFrom('p1', 'p2') }), 500, async ({ sdp, peerId }) => {
    const candidates = [{ candidate: 'candidate:1 1 udp 1 ::::1 99999 typ host' }];
    const said = await peers
      .answer({ kind: 'offer', peerId, offerId: 'o', role: 'control', offer: { type: 'offer', sdp }, candidates })
      .then(
        (answer) => answer!.answer.sdp,
        (error: unknown) => error,
      );
    assert.ok(said instanceof Error || typeof said === 'string');
    if (said instanceof Error) refusals.add(said.message);
    else answered += 1;
    peers.close(peerId, 'next');
    await new Promise(setImmediate);
    assert.equal(ends, []);
  });
  assert.ok(answered > 20 && refusals.size > 5, `${answered} answered; refused: ${[...refusals].join(' | ')}`);
  const good = await peers.answer({
    kind: 'offer',
    peerId: 'p3',
    offerId: 'o',
    role: 'control',
    offer: { type: 'offer', sdp: toOffer() },
    candidates: [],
  });
  assert.match(good!.answer.sdp, /a=candidate:/);
  assert.ok(countSockets() > before);
  peers.close('p3', 'done');
  await closed(before);
  assert.equal(ends, []);
});

/** All sockets are closed: of no connection anything is left. */
async function closed(before: number): Promise<void> {
  while (countSockets() > before) await new Promise((resolve) => setTimeout(resolve, 20));
}

function countSockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => isSocket(`/proc/self/fd/${fd}`)).length;
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    return false; // closed meanwhile
  }
}

test.run();
