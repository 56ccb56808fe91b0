import { suite, assert } from '#test/suite';
import { toFate, type Fate, type Finding } from '../../src/sessions/fate.ts';
import type { MachineRow } from '../../src/store/machines.ts';
import type { SessionStatus } from '#contract/session';

const test = suite('fate');
const names = { machineId: 'm-aaaaaaaaaaaa', sessionId: 's', slot: 0, runDir: '/m', driver: 'container' };
const row: MachineRow & { tokenHash?: string | undefined } = {
  ...names,
  state: 'running',
  createdAt: '2026-11-01T00:00:00.000Z',
  tokenHash: 'ab',
};

/** Nothing was written down of its guest. */
const OF_A_RELEASE_BEFORE = { state: 'recorded', tokenHash: undefined } as unknown as Partial<MachineRow>;

const OF_THE_POOL = { sessionId: undefined, warmKey: 'k' };

const CASES: [status: SessionStatus | undefined, row: Partial<MachineRow> | undefined, finding: Finding, fate: Fate][] = [
  ['pending', undefined, 'unproven', 'again'],
  ['pending', {}, 'runs', 'again'],
  ['pending', {}, 'untold', 'keep'],
  ['vm_creating', undefined, 'unproven', 'again'],
  ['vm_creating', { state: 'recorded' }, 'unproven', 'again'],
  ['vm_creating', { state: 'ending' }, 'runs', 'again'],
  ['vm_creating', {}, 'runs', 'adopt'],
  ['vm_creating', {}, 'ended', 'adopt'],
  ['vm_creating', { isGated: true }, 'runs', 'again'],
  ['vm_creating', { isGated: true }, 'ended', 'adopt'],
  ['vm_creating', { isGated: true, secretHash: 'ab' }, 'runs', 'adopt'],
  ['vm_creating', OF_A_RELEASE_BEFORE, 'runs', 'again'],
  ['vm_created', OF_A_RELEASE_BEFORE, 'runs', 'lose'],
  ['vm_creating', {}, 'untold', 'keep'],
  ['vm_created', {}, 'runs', 'adopt'],
  ['vm_created', {}, 'ended', 'adopt'],
  ['vm_created', {}, 'unproven', 'lose'],
  ['vm_created', {}, 'untold', 'keep'],
  ['vm_created', undefined, 'unproven', 'lose'],
  ['authenticating', {}, 'runs', 'adopt'],
  ['authenticating', undefined, 'unproven', 'lose'],
  ['failed', {}, 'runs', 'reap'],
  ['stopped', {}, 'untold', 'reap'],
  ['expired', {}, 'ended', 'reap'],
  ['completed', {}, 'runs', 'reap'],
  [undefined, {}, 'runs', 'reap'],
  ['pending', { warmKey: 'k' }, 'runs', 'adopt'],
  ['pending', { warmKey: 'k' }, 'ended', 'again'],
  ['pending', { warmKey: 'k', state: 'ending' }, 'runs', 'again'],
  ['vm_creating', { warmKey: 'k' }, 'runs', 'adopt'],
  ['stopped', { warmKey: 'k' }, 'runs', 'reap'],
  [undefined, { ...OF_THE_POOL }, 'runs', 'warm'],
  [undefined, { ...OF_THE_POOL, state: 'started' }, 'runs', 'warm'],
  [undefined, { ...OF_THE_POOL, state: 'recorded' }, 'unproven', 'reap'],
  [undefined, { ...OF_THE_POOL, state: 'ending' }, 'runs', 'reap'],
  [undefined, { ...OF_THE_POOL, isGated: true }, 'runs', 'reap'],
  [undefined, { ...OF_THE_POOL, isGated: true, secretHash: 'ab' }, 'runs', 'warm'],
  [undefined, { ...OF_THE_POOL }, 'ended', 'reap'],
  [undefined, { ...OF_THE_POOL }, 'untold', 'keep'],
];

for (const [status, parts, finding, fate] of CASES)
  test(`${status ?? 'no session'}, machine ${parts ? `${JSON.stringify(parts)} ${finding}` : 'none'}: ${fate}`, () =>
    assert.is(toFate(status, parts && { ...row, ...parts }, finding), fate));

test.run();
