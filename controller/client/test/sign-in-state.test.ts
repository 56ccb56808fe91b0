import { REASON_CODES } from '#contract/reason-code';
import { assert, suite } from '#test/suite';
import { newOrielError, toOrielError } from '../error.ts';
import { CHOOSING, toEnd, toFailure, toNextState, type SignInAction, type SignInState } from '../sign-in-state.ts';
import type { Session } from '../types.ts';

const test = suite('sign-in state');

const BEGUN = { sessionId: 's-a', viewer: { token: 't' } };
const session = (status: Session['status'], code?: string, sessionId = 's-a'): SignInAction => ({
  type: 'session',
  session: { sessionId, status, ...(code !== undefined && { reason: { code: code as 'internal', message: `it is ${code}` } }) },
});
const run = (...actions: SignInAction[]): SignInState[] =>
  actions.reduce<SignInState[]>((states, action) => [...states, toNextState(states.at(-1) ?? CHOOSING, action)], []);
const START: SignInAction = { type: 'start', provider: 'codex' };
const STARTED: SignInAction = { type: 'begun', begun: BEGUN };

test('choosing, starting, live, completed; a desktop is there from the session on', () => {
  const states = run(START, STARTED, session('vm_creating'), session('vm_created'), session('authenticating'), session('completed'));
  assert.equal(
    states.map((state) => [state.phase, 'begun' in state && state.begun !== undefined]),
    [
      ['starting', false],
      ['starting', true],
      ['starting', true],
      ['live', true],
      ['live', true],
      ['completed', true],
    ],
  );
  assert.is(toNextState(states.at(-1)!, { type: 'reset' }).phase, 'choosing');
});

test('what comes late, or of another session, changes nothing', () => {
  const closed: SignInAction = { type: 'failed', failure: { kind: 'closed', code: 'x', message: '' } };
  const states = run(
    START,
    STARTED,
    session('vm_created'),
    session('failed', 'login_denied', 's-b'),
    closed,
    session('completed'),
    STARTED,
  );
  assert.equal(
    states.map(({ phase }) => phase),
    ['starting', 'starting', 'live', 'live', 'failed', 'failed', 'failed'],
  );
  assert.is(toNextState(CHOOSING, session('completed')), CHOOSING);
});

for (const [status, code, kind] of [
  ['failed', 'login_denied', 'denied'],
  ['failed', 'code_expired', 'code_expired'],
  ['failed', 'login_cancelled', 'cancelled'],
  ['failed', 'cli_missing', 'tool_missing'],
  ['failed', 'cli_crashed', 'tool_crashed'],
  ['failed', 'page_unreachable', 'page_unreachable'],
  ['failed', 'credentials_malformed', 'credentials_malformed'],
  ['failed', 'boot_timed_out', 'timed_out'],
  ['failed', 'machine_exited', 'desktop_failed'],
  ['failed', 'of_a_newer_controller', 'desktop_failed'],
  ['expired', 'user_left', 'left'],
  ['expired', 'session_idle', 'timed_out'],
  ['expired', 'session_too_old', 'timed_out'],
  ['stopped', 'stopped_by_request', 'closed'],
  ['stopped', 'of_a_newer_controller', 'closed'],
] as const) {
  test(`a session that is ${status} with ${code} is ${kind}`, () => {
    const last = run(START, STARTED, session(status, code)).at(-1)!;
    assert.equal(last, { phase: 'failed', provider: 'codex', failure: { kind, code, message: `it is ${code}` } });
  });
}

test('every reason that the controller gives has a kind', () => {
  for (const code of REASON_CODES) assert.type(toEnd({ status: 'failed', reason: { code, message: '' } }).kind, 'string');
});

for (const [status, code, kind] of [
  [503, 'egress_exhausted', 'no_address'],
  [503, 'host_full', 'no_capacity'],
  [503, 'host_draining', 'no_capacity'],
  [429, 'user_full', 'no_capacity'],
  [409, 'nothing_to_restore', 'nothing_to_restore'],
  [410, 'session_over', 'closed'],
  [401, 'viewer_revoked', 'refused'],
  [404, 'session_not_found', 'refused'],
  [0, 'unreachable', 'unreachable'],
  [500, 'internal', 'desktop_failed'],
] as const) {
  test(`a call that fails with ${status} ${code} is ${kind}`, () => {
    assert.equal(toFailure(newOrielError(status, code, 'm')), { kind, code, message: 'm' });
  });
}

test('what a product’s back end passes on is what the controller said, with its class and when to come again', () => {
  const error = toOrielError(503, { error: { code: 'egress_exhausted', message: 'none is free' } }, '15');
  assert.equal(
    [error.name, error.code, error.retryAfterSeconds, toFailure(error).kind],
    ['EgressExhausted', 'egress_exhausted', 15, 'no_address'],
  );
  assert.is(toFailure(new TypeError('Failed to fetch')).kind, 'unreachable');
  assert.is(toOrielError(502, '<html>').code, 'http_502');
});

test.run();
