import { pino } from 'pino';
import { assert, suite } from '#test/suite';
import { createSealer } from '../../src/auth/seal.ts';
import { Sessions } from '../../src/sessions/sessions.ts';
import { eventually, FakeController } from '../fakes/controller.ts';

const test = suite('log of a session');

test('every line about a session has its id and its machine’s, from the first to the last', async () => {
  await using fake = new FakeController();
  const lines: Record<string, string>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, string>) });
  const { config, store, machinery } = fake;
  const sessions = new Sessions({ config, store, machinery, sealer: createSealer(new Uint8Array(32)), log });
  const { sessionId } = sessions.start({ userId: 'ann', provider: 'desktop' });
  const { machineId } = sessions.live(sessionId);
  await eventually(() => machinery.machines.length > 0);
  await sessions.stop(sessionId, 'test', { code: 'c', message: 'm' });
  const moves = lines.filter(({ msg }) => msg === 'session moved');
  assert.equal(
    moves.map(({ to }) => to),
    ['vm_creating', 'stopped'],
  );
  assert.is(lines[0]!['msg'], 'session begun');
  for (const line of lines) assert.equal([line['session'], line['machine']], [sessionId, machineId], line['msg']);
  // The record of one that is over is all that is known of it.
  await sessions.stop(sessionId, 'test', { code: 'c', message: 'm' });
  await sessions.close();
});

test.run();
