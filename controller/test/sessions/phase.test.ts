import { suite, assert } from '#test/suite';
import { SessionFailure } from '../../src/sessions/errors.ts';
import { LiveMachine } from '../../src/sessions/live-machine.ts';
import { runPhase } from '../../src/sessions/phase.ts';
import { toSlot } from '../../src/net/slot.ts';
import { log } from '../fakes/controller.ts';

const test = suite('phases');
const FAILURE = new SessionFailure('machine_failed', 'no space for the overlay');
const full = () => {
  throw new Error('database or disk is full');
};

const run = (act: () => Promise<void>) => {
  const live = new LiveMachine(toSlot('oriel', 0), '/data', log);
  const book = { startPhase() {}, endPhase: full };
  return runPhase(live, book, { name: 'machine', limitMs: 1_000, act, explainLate: () => FAILURE }).catch((error: Error) => error.message);
};

test('why it failed is told, also where its end cannot be written down', async () => {
  assert.is(await run(() => Promise.reject(FAILURE)), FAILURE.message);
});

test('one that did its work and cannot be written down has failed', async () => {
  assert.is(await run(async () => {}), 'database or disk is full');
});

test.run();
