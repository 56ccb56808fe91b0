import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { Refusals } from '../../src/agent/desktop/refusals.ts';
import { readCounts, Tally } from '../../src/websockify/tally.ts';

const test = suite('tally');
let folder = '';

test.before(() => void (folder = mkdtempSync(join(tmpdir(), 'oriel-'))));
test.after(() => rmSync(folder, { recursive: true }));

test('what a door refuses is told to the agent, many at a time together, and is counted on when the door begins anew', async () => {
  let isTold = Promise.withResolvers<void>();
  let times = 0;
  const refusals = new Refusals({ folder: join(folder, 'doors'), onChange: () => (times++, isTold.resolve()) });
  refusals.start();
  const path = join(folder, 'doors', 'websockify');
  const first = new Tally(path, 5);
  for (let n = 0; n < 1000; n++) first.count(n % 2 ? 'origin' : 'secret');
  await isTold.promise;
  assert.equal(refusals.counts, { websockify: { secret: 500, origin: 500 } });
  assert.ok(times < 10, `${times} times`);
  isTold = Promise.withResolvers<void>();
  new Tally(path, 5).count('origin');
  await isTold.promise;
  assert.equal(refusals.counts, { websockify: { secret: 500, origin: 501 } });
  refusals.stop();
});

test('a door that has refused nothing, or whose file is none, has no counts', () => {
  assert.equal(readCounts(join(folder, 'nothing')), {});
});

test.run();
