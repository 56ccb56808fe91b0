import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { assert, suite } from '#test/suite';
import { buildGuest } from '../build.ts';

const test = suite('guest bundle', { timeoutMs: 20_000 });
let folder = '';
test.before(async () => void (folder = await mkdtemp(join(tmpdir(), 'oriel-'))));
test.after(() => rm(folder, { recursive: true }));

async function read(name: string): Promise<Record<string, string>> {
  const files = await readdir(join(folder, name));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, name, file), 'utf8')));
  return Object.fromEntries(files.map((file, index) => [file, texts[index]!]));
}

test('the same sources give the same bytes, with no path of this machine in them', async () => {
  await buildGuest(join(folder, 'a'));
  await buildGuest(join(folder, 'elsewhere/b'));
  const bundle = await read('a');
  assert.equal(await read('elsewhere/b'), bundle);
  assert.ok(['agent.mjs', 'websockify.mjs'].every((name) => name in bundle));
  assert.not.match(Object.values(bundle).join(''), join(import.meta.dirname, '../..'));
});

test('it names the npm packages that are in it, and no others', async () => {
  const packages = await buildGuest(join(folder, 'c'));
  for (const name of ['werift', 'ws', 'ajv']) assert.ok(packages.includes(`node_modules/${name}`), name);
  for (const name of ['fastify', 'esbuild']) assert.not.ok(packages.includes(`node_modules/${name}`), name);
});

test('a checkout in another place, run from another folder, gives the same bytes', async () => {
  const repository = join(import.meta.dirname, '../..');
  const copy = join(folder, 'another/place');
  await mkdir(copy, { recursive: true });
  for (const name of ['guest', 'controller', 'package.json']) await cp(join(repository, name), join(copy, name), { recursive: true });
  await symlink(join(repository, 'node_modules'), join(copy, 'node_modules'));
  await promisify(execFile)(process.execPath, [join(copy, 'guest/build.ts'), join(folder, 'c')], { cwd: '/' });
  assert.equal(await read('c'), await read('a'));
});

test('the heavy part is no part of what starts first', async () => {
  assert.not.match((await read('a'))['agent.mjs']!, 'RTCPeerConnection');
});

test.run();
