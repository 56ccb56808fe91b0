import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { startClock } from '../../../src/agent/desktop/clock.ts';

const test = suite('clock');

test('it counts from the machine’s boot, not from the host’s', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oriel-'));
  await writeFile(join(folder, 'booted'), '3021.85\n');
  await writeFile(join(folder, 'uptime'), '3022.35 5000.00\n');
  const clock = await startClock(join(folder, 'booted'), join(folder, 'uptime'));
  const ms = clock();
  assert.ok(ms >= 500 && ms < 700, `${ms} ms`);
  await rm(folder, { recursive: true });
});

test.run();
