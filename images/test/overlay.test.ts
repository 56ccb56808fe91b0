import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assert, suite } from '#test/suite';
import { golden } from '../golden/image.ts';
import { buildOverlay, planOverlay, type OverlaySources } from '../src/overlay.ts';
import { toSha256 } from '../src/publish.ts';
import { toKey } from '../src/stage.ts';

const test = suite('images: files over the packages');

let dir = '';
test.beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'oriel-overlay-'))));
test.afterEach(() => rm(dir, { recursive: true }));

const image = { ...golden, links: { '/etc/hosts': '/run/oriel/etc/hosts' } };

async function file(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await writeFile(join(dir, path), text);
  await chmod(join(dir, path), mode);
}

async function toSources(): Promise<OverlaySources> {
  await file('base/etc/hosts', 'from a layer');
  await file('base/etc/a', 'first');
  await file('over/etc/a', 'second');
  await file('over/usr/sbin/run', '#!/bin/sh', 0o700);
  await file('node/node', 'node', 0o755);
  await file('modules/npm/bin/npm-cli.js', 'npm', 0o755);
  await file('modules/npm/docs/much', 'words');
  await file('guest/agent.mjs', 'agent', 0o600);
  await file('addon/gstreamer-superficial/package.json', '{}');
  await file('native/oriel-capture', 'elf', 0o755);
  const at = (name: string) => join(dir, name);
  return {
    rootfs: [at('base'), at('over')],
    nodeModules: at('modules'),
    node: at('node'),
    guest: at('guest'),
    addon: at('addon'),
    native: at('native'),
  };
}

const plan = (sources: OverlaySources) => planOverlay(image, sources, { node: '24' }, { addon: 'k', native: 'k' }, 1000);

async function build(sources: OverlaySources, name: string): Promise<string> {
  await mkdir(join(dir, name, 'result'), { recursive: true });
  await buildOverlay(await plan(sources), sources, join(dir, name, 'result'));
  return join(dir, name, 'result/overlay.tar');
}

test('owner, modes and times are those of the image, not of the checkout', async () => {
  const tar = await build(await toSources(), 'one');
  const lines = execFileSync('tar', ['tvf', tar, '--numeric-owner', '--utc'], { encoding: 'utf8' });
  for (const [mode, path] of [
    ['-rwxr-xr-x', './usr/sbin/run'],
    ['-rw-r--r--', './usr/lib/oriel/agent.mjs'],
    ['-rwxr-xr-x', './usr/lib/oriel/oriel-capture'],
  ]) {
    assert.match(lines, new RegExp(`^${mode} 0/0 +\\d+ 1970-01-01 00:16 ${path!.replaceAll('.', '\\.')}$`, 'm'));
  }
  assert.not.match(lines, /npm\/docs/);
});

test('a later layer wins over an earlier one, and a link over both', async () => {
  const tar = await build(await toSources(), 'one');
  assert.is(execFileSync('tar', ['xOf', tar, './etc/a'], { encoding: 'utf8' }), 'second');
  assert.match(execFileSync('tar', ['tvf', tar], { encoding: 'utf8' }), /\.\/etc\/hosts -> \/run\/oriel\/etc\/hosts/);
});

test('two builds have the same bytes', async () => {
  const sources = await toSources();
  assert.is(await toSha256(await build(sources, 'one')), await toSha256(await build(sources, 'two')));
});

test('the key follows content, the executable bit and links; not the rest of the mode', async () => {
  const sources = await toSources();
  const key = toKey(await plan(sources));
  await chmod(join(dir, 'base/etc/a'), 0o600);
  assert.is(toKey(await plan(sources)), key);
  await chmod(join(dir, 'base/etc/a'), 0o755);
  const executable = toKey(await plan(sources));
  await symlink('a', join(dir, 'base/etc/link'));
  assert.is(new Set([key, executable, toKey(await plan(sources))]).size, 3);
});

test.run();
