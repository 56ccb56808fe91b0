import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('the heavy part is no part of what starts first', async () => {
  assert.not.match((await read('a'))['agent.mjs']!, 'RTCPeerConnection');
});

test.run();
