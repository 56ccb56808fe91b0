import { suite, assert } from '#test/suite';
import {
  explainCrashLoop,
  explainExit,
  explainLate,
  explainServices,
  findCrashLoop,
  toFailure,
  toFatal,
} from '../../src/sessions/reason.ts';

const test = suite('reason');

test('the machine’s last word is known from init and agent, with and without their name', () => {
  for (const line of ['oriel: fatal: no config', 'init: oriel: fatal: no config', 'agent: oriel: fatal: no config\r'])
    assert.is(toFatal(line), 'no config');
});

test('a program of the desktop cannot speak for the machine', () => {
  for (const line of ['session: oriel: fatal: x', 'terminal says oriel: fatal: x', 'agent: hello']) assert.is(toFatal(line), undefined);
});

test('a machine that ended is explained by its last word', () => {
  const failure = explainExit({ reason: 'exited with code 1', code: 1 }, ['booting', 'oriel: fatal: config: /token is missing']);
  assert.is(failure.code, 'machine_fatal');
  assert.is(failure.message, 'config: /token is missing');
});

test('without one, by how it ended and its last ten lines', () => {
  const lines = Array.from({ length: 12 }, (_, index) => `line ${index}`);
  const failure = explainExit({ reason: 'exited with code 1', code: 1 }, [...lines, '']);
  assert.is(failure.code, 'machine_exited');
  assert.is(failure.message, `the machine is gone: exited with code 1; its last lines:\n${lines.slice(2).join('\n')}`);
});

test('of a panic what was said up to it is told, and not where in its own code the kernel was', () => {
  const lines = [
    'verity: data block 0 is corrupted',
    'Kernel panic - not syncing: dm-verity device corrupted',
    'Call Trace:',
    ' ? 0xffffffff',
  ];
  const { message } = explainExit({ reason: 'panic: dm-verity device corrupted', code: 0 }, lines);
  assert.is(message, `the machine is gone: panic: dm-verity device corrupted; its last lines:\n${lines.slice(0, 2).join('\n')}`);
  assert.match(explainExit({ reason: 'killed by SIGKILL', code: 137 }, lines).message, /0xffffffff$/);
});

test('long lines are cut', () => {
  assert.ok(explainExit({ reason: 'died', code: 1 }, ['x'.repeat(10_000)]).message.length < 300);
});

test('a phase that took too long names its limit', () => {
  const failure = explainLate('boot', 60_000, 'the agent in the machine did not report', []);
  assert.is(failure.code, 'boot_timed_out');
  assert.is(failure.message, 'the agent in the machine did not report within 60 s; its console is empty');
});

test('services that are not ready are named with what is known of them', () => {
  const services = [
    { name: 'xorg', state: 'ready' as const, sinceMs: 1, restarts: 0 },
    { name: 'x11vnc', state: 'down' as const, sinceMs: 1, restarts: 3, reason: 'exit 1: no display' },
  ];
  assert.is(
    explainServices(services, ['xorg', 'x11vnc', 'agent']),
    'the desktop was not ready (x11vnc is down, 3 restarts: exit 1: no display; agent was never heard of)',
  );
});

const XORG = { name: 'xorg', state: 'down' as const, sinceMs: 1, restarts: 4, reason: 'exit code 1: closing log file' };

test('a needed service that keeps ending before it is ready is found, the worst first', () => {
  const x11vnc = { ...XORG, name: 'x11vnc', restarts: 5 };
  assert.is(findCrashLoop([XORG, x11vnc], ['xorg', 'x11vnc']), x11vnc);
  assert.is(findCrashLoop([XORG, x11vnc], ['xorg']), XORG);
  for (const service of [
    { ...XORG, restarts: 3 },
    { ...XORG, state: 'ready' as const },
    { ...XORG, name: 'dbus' },
  ])
    assert.is(findCrashLoop([service], ['xorg']), undefined, JSON.stringify(service));
});

test('a crash loop is told with the service’s own last lines', () => {
  const failure = explainCrashLoop(XORG, ['xorg: (EE) ', 'xorg: (EE) no screens found', 'agent: service is down', 'session: hello']);
  assert.is(failure.code, 'service_crash_loop');
  assert.is(
    failure.message,
    'the service xorg ended 4 times and was never ready: exit code 1: closing log file; its last lines:\nxorg: (EE) no screens found',
  );
});

test('a full disk and a database that cannot be written are named; a mistake of ours is not dressed up', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, mkdir'), { code: 'ENOSPC' });
  const store = Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR' });
  assert.equal([toFailure(full).code, toFailure(store).code], ['host_disk_full', 'store_failed']);
  assert.match(toFailure(full).message, /disk is full: ENOSPC/);
  assert.is(toFailure(new TypeError('x is undefined')).message, 'the controller made a mistake; its log says more');
});

test.run();
