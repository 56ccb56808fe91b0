import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Testing } from 'cdktf';
import { assert, suite } from '#test/suite';
import { readSettings } from '../../settings/settings.ts';
import { makeStacks } from '../../stacks/stacks.ts';
import { writeSections } from '../settings/fixture.ts';
import { makeSmallRelease } from '../store/small-release.ts';

const test = suite('deploy', { timeoutMs: 60_000 });
const MAIN = join(import.meta.dirname, '../../deploy/main.ts');
const { dir, path } = writeSections();

test.after(() => rmSync(dir, { recursive: true }));

function run(...words: string[]) {
  return spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...words], { encoding: 'utf8' });
}

test('whoever asks for nothing is told what there is; each command of a plan is one of it', () => {
  const { status, stderr } = run();
  assert.is(status, 1);
  const usage = [...stderr.matchAll(/^ {2}main\.ts (.*)$/gm)].map(([, words]) => words!.split(' '));
  const plans = makeStacks(Testing.app(), 'settings.json', readSettings(path)).map((stack) => Testing.synth(stack));
  const commands = plans.flatMap((plan) =>
    [...plan.matchAll(/'infra\/deploy\/main\.ts' (.*?)"/g)].map(([, words]) => words!.split("' '").map((word) => word.replaceAll("'", ''))),
  );
  assert.ok(commands.length >= 20, String(commands.length));
  for (const [stack, verb, ...words] of commands) {
    const found = usage.find((line) => line[0] === stack && line[1] === verb);
    assert.is(found?.length, words.length + 2, [stack, verb, ...words].join(' '));
  }
});

test('a release is published and fetched by the program that the plan runs', async () => {
  mkdirSync(join(dir, 'made'));
  const release = await makeSmallRelease(join(dir, 'made'), { 'bin/oriel': 'a program' });
  const { path: settings, dir: more } = writeSections(({ imageStore }) => (imageStore!.share!.release = release));
  const said = run('imageStore', 'publish', settings, 'share');
  assert.is(said.stderr, '');
  assert.is(said.stdout, `${basename(release)}: 3 files went over, 0 were there\n`);
  const fetched = run('imageStore', 'fetch', settings, 'share', basename(release), join(dir, 'fetched'));
  assert.is(fetched.stdout, `${join(dir, 'fetched', basename(release))}\n`);
  rmSync(more, { recursive: true });
});

test('what is left is said', () => {
  assert.match(run('image', 'leave').stdout, /^Data is left: \/.* \(images and kernels\)/);
});

test.run();
