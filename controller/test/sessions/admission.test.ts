import { assert, suite } from '#test/suite';
import { planAdmission, toRefusal, type HostRoom, type Limits } from '../../src/sessions/admission.ts';
import { FakeController } from '../fakes/controller.ts';

const test = suite('admission');

const LIMITS: Limits = {
  maxSessions: 10,
  limits: { memoryMib: 2048, cpus: 2, pids: 100 },
  admission: { memoryShare: 0.5, reserveMib: 512, cpuPressureMost: 95 },
};
/** A host with room for one more, exactly. */
const ROOM: HostRoom = { sessions: 3, availableMib: 1024 + 512 + 2 * 1024, usedMib: 1024, cpuPressure: 95 };

test('a host with just enough of all admits one more', () => assert.is(planAdmission(ROOM, LIMITS), undefined));

test('each shortage is told with what is there and what is needed', () => {
  const cases: [Partial<HostRoom>, string, RegExp][] = [
    [{ sessions: 10, availableMib: 1e6 }, 'slots', /10 sessions run .* of slots 0 are free, 1 is needed/],
    [{ availableMib: ROOM.availableMib - 1 }, 'memory', /of memory 1535 MiB are free and not promised, 1536 MiB are needed/],
    [{ cpuPressure: 95.4 }, 'cpu', /processors were free for 5 % of the last minute, 5 % are needed/],
  ];
  for (const [change, of, words] of cases) {
    const refused = planAdmission({ ...ROOM, ...change }, LIMITS);
    assert.is(refused?.of, of);
    const refusal = toRefusal(refused!, change.sessions ?? ROOM.sessions);
    assert.match(refusal.message, words);
    assert.is(refusal.statusCode, 503);
    assert.is(refusal.code, 'host_full');
    assert.ok(refusal.retryAfterSeconds! > 0);
  }
});

test('what machines were promised and do not use yet is not free', () => {
  const young = { ...ROOM, usedMib: 0 };
  assert.is(planAdmission(young, LIMITS)?.of, 'memory');
  assert.is(planAdmission({ ...young, availableMib: young.availableMib + 1024 }, LIMITS), undefined);
});

test('machines that use more than their promise make none for others', () => {
  assert.is(planAdmission({ ...ROOM, usedMib: 9000, availableMib: 1535 }, LIMITS)?.of, 'memory');
  assert.is(planAdmission({ ...ROOM, usedMib: 9000, availableMib: 1536 }, LIMITS), undefined);
});

test('a start that is refused leaves nothing, is counted, and its key is good for a later one', async () => {
  const refused: string[] = [];
  const room = { availableMib: 100, usedMib: 0, cpuPressure: 0 };
  await using fake = new FakeController({}, undefined, { readHostRoom: () => room, onRefused: (of) => refused.push(of) });
  const start = () => fake.sessions.start({ userId: 'ann', provider: 'desktop' }, { idempotencyKey: 'key-1' }).sessionId;
  assert.throws(start, /of memory 100 MiB/);
  assert.equal(refused, ['memory']);
  assert.is(fake.sessions.size, 0);
  room.availableMib = 1e6;
  const id = start();
  room.availableMib = 100;
  assert.is(start(), id, 'a repeated start is no new one');
});

test.run();
