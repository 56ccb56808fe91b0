import { assert, suite } from '#test/suite';
import { ScreenMode } from '../../../src/agent/desktop/screen-mode.ts';

const test = suite('screen mode');

function start(refused = (_: string) => false) {
  const said: string[] = [];
  const mode = new ScreenMode(async (args) => {
    said.push(args.join(' '));
    if (refused(args[0]!)) throw new Error('BadName');
  });
  return { mode, said };
}

test('a mode is made, given to the screen and set; the one before is removed', async () => {
  const { mode, said } = start();
  await mode.set({ width: 800, height: 600 });
  await mode.set({ width: 3840, height: 2160 });
  assert.equal(said, [
    '--newmode oriel-800x600 32.763 800 808 816 864 600 603 606 632',
    '--addmode DUMMY0 oriel-800x600',
    '--output DUMMY0 --mode oriel-800x600',
    '--newmode oriel-3840x2160 513.454 3840 3848 3856 3904 2160 2163 2166 2192',
    '--addmode DUMMY0 oriel-3840x2160',
    '--output DUMMY0 --mode oriel-3840x2160',
    '--delmode DUMMY0 oriel-800x600',
    '--rmmode oriel-800x600',
  ]);
});

test('a mode that is there already is taken', async () => {
  const { mode, said } = start((word) => word === '--newmode');
  await mode.set({ width: 800, height: 600 });
  assert.is(said.at(-1), '--output DUMMY0 --mode oriel-800x600');
});

test('a size that X refuses is an error, and the mode before stays known', async () => {
  let isRefusing = false;
  const { mode, said } = start((word) => isRefusing && word === '--output');
  await mode.set({ width: 800, height: 600 });
  isRefusing = true;
  assert.instance(await mode.set({ width: 802, height: 600 }).catch((error: unknown) => error), Error);
  isRefusing = false;
  await mode.set({ width: 804, height: 600 });
  assert.equal(said.slice(-2), ['--delmode DUMMY0 oriel-800x600', '--rmmode oriel-800x600']);
});

test('an X that begins anew has nothing to remove', async () => {
  const { mode, said } = start();
  await mode.set({ width: 800, height: 600 });
  mode.forget();
  await mode.set({ width: 802, height: 600 });
  assert.not.ok(said.some((words) => words.startsWith('--delmode')));
});

test.run();
