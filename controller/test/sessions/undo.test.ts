import { suite, assert } from '#test/suite';
import { UndoStack } from '../../src/sessions/undo.ts';
import { log } from '../fakes/controller.ts';

const test = suite('undo');

test('what was made last is taken down first, and once', async () => {
  const done: string[] = [];
  const undo = new UndoStack(log);
  for (const name of ['a', 'b', 'c']) undo.push(name, () => done.push(name));
  await undo.run();
  await undo.run();
  assert.equal(done, ['c', 'b', 'a']);
});

test('a step that throws, rejects or hangs does not keep the others', async () => {
  const done: string[] = [];
  const undo = new UndoStack(log, 20);
  undo.push('last', () => done.push('last'));
  undo.push('hangs', () => new Promise(() => undefined));
  undo.push('rejects', () => Promise.reject(new Error('no')));
  undo.push('throws', () => {
    throw new Error('no');
  });
  assert.is(await undo.run(), false);
  assert.equal(done, ['last']);
});

test('what failed is tried again, what hangs is waited for and not begun twice; the last step is when all others are done', async () => {
  const done: string[] = [];
  const undo = new UndoStack(log, 20);
  const hangs = Promise.withResolvers<void>();
  let fails = true;
  undo.push('record', () => done.push('record'), { isLast: true });
  undo.push('hangs', () => (done.push('hangs'), hangs.promise));
  undo.push('fails', () => {
    if (fails) throw new Error('no');
    done.push('fails');
  });
  undo.push('works', () => done.push('works'));
  assert.is(await undo.run(), false);
  assert.equal(done, ['works', 'hangs']);
  fails = false;
  assert.is(await undo.run(), false);
  assert.equal(done, ['works', 'hangs', 'fails']);
  assert.ok(undo.has('record'));
  hangs.resolve();
  assert.is(await undo.run(), true);
  assert.equal(done, ['works', 'hangs', 'fails', 'record']);
});

test.run();
