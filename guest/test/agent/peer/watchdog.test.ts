import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import { startWatchdog } from '../../../src/agent/peer/watchdog.ts';

const test = suite('watchdog');
const limits = { connectMs: 300, silenceMs: 250, checkMs: 10 };

test('a peer that never connects is given up', async () => {
  const reasons: string[] = [];
  startWatchdog({ ...limits, countReceived: () => undefined, onDead: (reason) => reasons.push(reason) });
  await sleep(600);
  assert.equal(reasons, ['not connected within 0.3 s']);
});

test('a connected peer lives while anything comes from it', async () => {
  const reasons: string[] = [];
  let count = 0;
  const stop = startWatchdog({ ...limits, countReceived: () => count, onDead: (reason) => reasons.push(reason) });
  for (let turn = 0; turn < 20; turn++) {
    await sleep(20);
    count += 1;
  }
  assert.equal(reasons, []);
  await sleep(600);
  assert.equal(reasons, ['nothing heard of the viewer for 0.25 s']);
  stop();
});

test.run();
