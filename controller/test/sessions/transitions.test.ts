import { suite, assert } from '#test/suite';
import { SESSION_STATUSES } from '#contract/session';
import { isFinal, isLegal, OPEN_STATUSES } from '../../src/sessions/transitions.ts';

const test = suite('transitions');

test('a session goes forward one step at a time, but for one that begins again', () => {
  const way = ['pending', 'vm_creating', 'vm_created', 'authenticating', 'completed'] as const;
  for (const [i, from] of way.entries())
    for (const [j, to] of way.entries())
      assert.is(isLegal(from, to), j === i + 1 || (from === 'vm_creating' && to === 'pending'), `${from} → ${to}`);
});

test('every open session can fail, expire and be stopped; nothing leaves a final status', () => {
  for (const from of SESSION_STATUSES) {
    for (const to of ['failed', 'expired', 'stopped'] as const) assert.is(isLegal(from, to), !isFinal(from), `${from} → ${to}`);
  }
});

test('open and final statuses are all there are', () => {
  assert.equal(OPEN_STATUSES, ['pending', 'vm_creating', 'vm_created', 'authenticating']);
  assert.equal(SESSION_STATUSES.filter(isFinal), ['completed', 'failed', 'expired', 'stopped']);
});

test.run();
