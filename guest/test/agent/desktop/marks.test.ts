import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { Marks } from '../../../src/agent/desktop/marks.ts';

const test = suite('marks');
let folder = '';
test.before(async () => void (folder = await mkdtemp(join(tmpdir(), 'oriel-'))));
test.after(() => rm(folder, { recursive: true }));

test('only the first time counts, also in the agent’s next life', () => {
  let now = 100;
  const told: [string, number][] = [];
  const create = () => new Marks({ clock: () => now, path: join(folder, 'marks.json'), onSet: (name, ms) => told.push([name, ms]) });
  create().set('x');
  now = 900;
  const next = create();
  next.set('x');
  next.set('terminal');
  next.set('chromium', 950);
  assert.equal(next.all, { x: 100, terminal: 900, chromium: 950 });
  assert.equal(told, [
    ['x', 100],
    ['terminal', 900],
    ['chromium', 950],
  ]);
});

test.run();
