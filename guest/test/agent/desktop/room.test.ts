import { assert, suite } from '#test/suite';
import { NoRoom } from '../../../src/agent/errors.ts';
import { checkRoom } from '../../../src/agent/desktop/room.ts';

const test = suite('room on the disk');

test('a disk with room is good', async () => {
  await checkRoom('/', 0);
});

test('a full disk is told with what is free and what is needed', async () => {
  const error = await checkRoom('/', 1e12).catch((reason: unknown) => reason);
  assert.instance(error, NoRoom);
  assert.match((error as Error).message, /^disk: \d+ MiB are free on \/, 1000000000000 are needed$/);
});

test.run();
