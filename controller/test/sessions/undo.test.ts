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
  await undo.run();
  assert.equal(done, ['last']);
});

test.run();
