import { assert, suite } from '#test/suite';
import { OrielError, type Session, type ViewerClient } from '../../client/index.ts';
import { toAgentLife, watchSession } from '../src/session-watch.ts';

const test = suite('session watch');

const service = (name: string, restarts: number) => ({ name, state: 'ready' as const, sinceMs: 0, restarts });

test('the agent’s life is known by its restarts, and not before it told of itself', () => {
  const of = (...services: Session['services']) => toAgentLife({ services } as Session);
  assert.is(of(), undefined);
  assert.is(of(service('xorg', 3)), undefined);
  assert.is(of(service('xorg', 3), service('agent', 0)), 0);
  assert.is(of(service('agent', 2)), 2);
});

test('a controller that was away is asked without waiting, and its word ends the trouble', async () => {
  const asked: (string | undefined)[] = [];
  const told: string[] = [];
  const session = { status: 'vm_created', updatedAt: 'one' } as Session;
  const replies = [session, new OrielError(0, 'unreachable', 'away'), session, { ...session, status: 'stopped', updatedAt: 'two' }];
  const getSession: ViewerClient['getSession'] = async (_id, { since } = {}) => {
    asked.push(since);
    const reply = replies.shift()!;
    if (reply instanceof OrielError) throw reply;
    return reply as Session;
  };
  const events = {
    onSession: ({ updatedAt }: Session) => void told.push(updatedAt),
    onTrouble: (_error: OrielError, isFinal: boolean) => void told.push(`trouble, final: ${isFinal}`),
  };
  await watchSession({ getSession } as ViewerClient, 's', events, new AbortController().signal);
  assert.equal(asked, [undefined, 'one', undefined, 'one']);
  assert.equal(told, ['one', 'trouble, final: false', 'one', 'two']);
});

test.run();
