import type { Session } from '#contract/session';
import { assert, suite } from '#test/suite';
import { toProgress, toSkewMs, type Waiting } from '../src/progress.ts';
import { STRINGS } from '../src/strings.ts';

const test = suite('progress');

const NOW = Date.parse('2026-01-01T00:00:10.000Z');
const SESSION: Session = {
  sessionId: 's-aaaaaaaaaaaaaaaaaaaa',
  userId: 'me',
  provider: 'desktop',
  status: 'vm_creating',
  createdAt: '2026-01-01T00:00:07.000Z',
  updatedAt: '2026-01-01T00:00:08.000Z',
  phases: [
    { name: 'network', startedAt: '2026-01-01T00:00:07.000Z', endedAt: '2026-01-01T00:00:07.040Z', ms: 40 },
    { name: 'machine', startedAt: '2026-01-01T00:00:07.040Z' },
  ],
  display: { width: 1280, height: 720 },
  marks: {},
  services: [],
};
const WAITING: Waiting = {
  session: SESSION,
  trouble: undefined,
  hadPicture: false,
  lostWhy: undefined,
  console: [],
  connectingAt: undefined,
  answeredAt: undefined,
  now: NOW,
  skewMs: 0,
};

test('phases are told in order, done, running with seconds, and waiting', () => {
  const { title, steps } = toProgress(WAITING);
  assert.is(title, STRINGS.starting);
  assert.equal(
    steps.map(({ label, state, ms }) => [label, state, ms]),
    [
      ['Network', 'done', 40],
      ['Machine', 'running', 2960],
      ['System', 'waiting', undefined],
      ['Desktop', 'waiting', undefined],
      ['Connection', 'waiting', undefined],
      ['Picture', 'waiting', undefined],
    ],
  );
});

test('a desktop that was ready before its session has one phase in the place of all', () => {
  const phases = [{ name: 'claim', startedAt: '2026-01-01T00:00:07.000Z', endedAt: '2026-01-01T00:00:07.012Z', ms: 12 }];
  const { steps } = toProgress({ ...WAITING, session: { ...SESSION, status: 'vm_created', phases } });
  assert.equal(
    steps.map(({ label, state }) => [label, state]),
    [
      ['A desktop that was ready', 'done'],
      ['Connection', 'waiting'],
      ['Picture', 'waiting'],
    ],
  );
});

test('a clock that is wrong does not count wrong', () => {
  const hour = 3_600_000;
  assert.is(toProgress({ ...WAITING, now: NOW + hour, skewMs: hour }).steps[1]!.ms, 2960);
  assert.is(toProgress({ ...WAITING, now: NOW - hour }).steps[1]!.ms, 0);
  assert.is(toSkewMs(NOW, SESSION.updatedAt, undefined), 2000);
  assert.is(toSkewMs(NOW + 5000, '2026-01-01T00:00:14.990Z', 2000), 10);
  assert.is(toSkewMs(NOW, SESSION.updatedAt, 10), 10);
});

test('a phase that we have no name for is told by its own', () => {
  const phases = [...SESSION.phases, { name: 'adopt', startedAt: SESSION.updatedAt }];
  assert.ok(toProgress({ ...WAITING, session: { ...SESSION, phases } }).steps.some(({ label }) => label === 'adopt'));
});

test('the viewer’s own steps follow', () => {
  const session: Session = { ...SESSION, status: 'vm_created' };
  const { title, steps } = toProgress({ ...WAITING, session, connectingAt: NOW - 900, answeredAt: NOW - 200 });
  assert.is(title, STRINGS.connecting);
  assert.equal(
    steps.slice(-2).map(({ state, ms }) => [state, ms]),
    [
      ['done', 700],
      ['running', 200],
    ],
  );
});

test('a failure is told in the controller’s words, with its code, and the phase that failed', () => {
  const session: Session = { ...SESSION, status: 'failed', reason: { code: 'machine_exited', message: 'the machine ended' } };
  const { tone, message, code, steps } = toProgress({ ...WAITING, session });
  assert.equal([tone, message, code], ['bad', `The machine ended. ${STRINGS.whatNow}`, 'machine_exited']);
  assert.equal(
    steps.map(({ state }) => state),
    ['done', 'failed', 'waiting', 'waiting'],
  );
});

test('the phase that a session failed in is told from those that went well before', () => {
  const phases = [...SESSION.phases.slice(0, 1), { ...SESSION.phases[1]!, endedAt: '2026-01-01T00:00:08.000Z', ms: 960 }];
  const states = (updatedAt: string) =>
    toProgress({ ...WAITING, session: { ...SESSION, status: 'failed', phases, updatedAt } })
      .steps.slice(0, 2)
      .map(({ state, ms }) => [state, ms]);
  assert.equal(states('2026-01-01T00:00:08.002Z')[1], ['failed', 960]);
  assert.equal(states('2026-01-01T00:10:00.000Z')[1], ['done', 960], 'it failed long after');
});

test('the machine’s last lines are told as lines, its services and console to who wants to know', () => {
  const services = [{ name: 'x11vnc', state: 'down' as const, sinceMs: 1, restarts: 4, reason: 'exit code 3' }];
  const reason = { code: 'service_crash_loop', message: 'x11vnc ended 4 times; its last lines:\nx11vnc: one\nx11vnc: two' };
  const told = toProgress({ ...WAITING, console: ['all of it'], session: { ...SESSION, status: 'failed', reason, services } });
  assert.is(told.message, `X11vnc ended 4 times. ${STRINGS.whatNow}`);
  assert.equal(told.lastLines, ['x11vnc: one', 'x11vnc: two']);
  assert.equal([told.services, told.console], [services, ['all of it']]);
});

test('while one waits, a service that keeps ending is named', () => {
  const services = [
    { name: 'xorg', state: 'starting' as const, sinceMs: 1, restarts: 2, reason: 'exit code 1: no screens' },
    { name: 'agent', state: 'starting' as const, sinceMs: 1, restarts: 0 },
    { name: 'dbus', state: 'ready' as const, sinceMs: 1, restarts: 1 },
  ];
  assert.is(toProgress({ ...WAITING, session: { ...SESSION, services } }).message, 'xorg has ended 2 times: exit code 1: no screens');
});

test('ends that are no failures are told as such', () => {
  for (const status of ['expired', 'stopped', 'completed'] as const) {
    const { tone, title, steps } = toProgress({ ...WAITING, session: { ...SESSION, status } });
    assert.equal([tone, title, steps], ['over', STRINGS.ended[status], []]);
  }
});

test('a refused link says so, whatever else is known', () => {
  const trouble = { status: 401, code: 'token_expired', isFinal: true };
  assert.equal(toProgress({ ...WAITING, trouble }), {
    tone: 'bad',
    title: STRINGS.refused,
    message: STRINGS.unauthorized,
    lastLines: [],
    code: 'token_expired',
    steps: [],
    services: [],
    console: [],
  });
  assert.is(toProgress({ ...WAITING, trouble: { ...trouble, status: 404 } }).message, STRINGS.notFound);
});

test('a server out of reach and a lost connection are told', () => {
  assert.is(toProgress({ ...WAITING, trouble: { status: 0, code: 'unreachable', isFinal: false } }).message, STRINGS.unreachable);
  const lost = toProgress({ ...WAITING, hadPicture: true, lostWhy: STRINGS.losses.silent });
  assert.equal([lost.title, lost.message, lost.steps], [STRINGS.reconnecting, STRINGS.losses.silent, []]);
});

test.run();
