import { suite, assert } from '#test/suite';
import { within } from '../../src/host/within.ts';

const test = suite('host: within');

test('a promise that settles first wins', async () => {
  assert.is(await within(new AbortController().signal, Promise.resolve(7)), 7);
});

test('an abort, before or meanwhile, wins over a promise that hangs or fails later', async () => {
  const late = Promise.withResolvers<void>();
  const abort = new AbortController();
  const waiting = within(abort.signal, late.promise).catch((error: unknown) => error);
  abort.abort(new Error('given up'));
  late.reject(new Error('too late to be heard'));
  assert.match(((await waiting) as Error).message, 'given up');
  const again = await within(abort.signal, Promise.reject(new Error('unheard'))).catch((error: unknown) => error);
  assert.match((again as Error).message, 'given up');
});

test.run();
