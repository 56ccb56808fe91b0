import type { Session } from '#contract/session';
import { assert, suite } from '#test/suite';
import { toAgentLife } from '../src/session-watch.ts';

const test = suite('session watch');

const service = (name: string, restarts: number) => ({ name, state: 'ready' as const, sinceMs: 0, restarts });

test('the agent’s life is known by its restarts, and not before it told of itself', () => {
  const of = (...services: Session['services']) => toAgentLife({ services } as Session);
  assert.is(of(), undefined);
  assert.is(of(service('xorg', 3)), undefined);
  assert.is(of(service('xorg', 3), service('agent', 0)), 0);
  assert.is(of(service('agent', 2)), 2);
});

test.run();
