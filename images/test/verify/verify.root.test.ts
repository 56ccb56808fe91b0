import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { assert, suite } from '#test/suite';
import { readInstalled } from '../../src/verify/installed.ts';
import { keys, others, pick, publishImage } from './fixture.ts';

const exec = promisify(execFile);
const test = suite('images: verify an EROFS', { timeoutMs: 60_000 });
const MAIN = join(import.meta.dirname, '../../src/main.ts');

let dir = '';
test.beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'oriel-erofs-'))));
test.afterEach(() => rm(dir, { recursive: true }));

/** A root filesystem that has nothing but dpkg's record, as EROFS. */
async function pack(status: string | { linkTo: string }): Promise<string> {
  const path = join(dir, 'tree/var/lib/dpkg/status');
  await mkdir(dirname(path), { recursive: true });
  await (typeof status === 'string' ? writeFile(path, status) : symlink(status.linkTo, path));
  await exec('mkfs.erofs', ['--quiet', join(dir, 'rootfs'), join(dir, 'tree')]);
  return join(dir, 'rootfs');
}

async function toStatus(...names: string[]): Promise<string> {
  const packages = await pick(...names);
  return packages.map(({ name, version }) => `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\n`).join('\n');
}

/** The command as a person runs it: exit code and what it says. */
async function verify(...words: string[]): Promise<{ code: number; said: string }> {
  const run = exec(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, 'verify', ...words]);
  return run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );
}

test("the command compares with the image's own record, by key or unsigned", async () => {
  await mkdir(join(dir, 'images'));
  const image = await publishImage(
    join(dir, 'images'),
    await pack(await toStatus('bash', 'curl')),
    await pick('bash', 'curl'),
    keys.privateKey,
  );
  for (const [name, key] of Object.entries({ right: keys, wrong: others })) {
    await writeFile(join(dir, `${name}.pem`), key.publicKey.export({ type: 'spki', format: 'pem' }));
  }
  const right = await verify(image, '--key', join(dir, 'right.pem'));
  assert.is(right.code, 0, right.said);
  assert.match(right.said, /files, packages and provenance agree; signed by/);
  assert.match((await verify(image, '--allow-unsigned')).said, /NOT SIGNED, as allowed/);
  const wrong = await verify(image, '--key', join(dir, 'wrong.pem'));
  assert.is(wrong.code, 1);
  assert.match(wrong.said, /provenance\.dsse\.json: signed by key [0-9a-f]{64}, key [0-9a-f]{64} is wanted/);
  assert.is((await verify(image, '--key', join(dir, 'right.pem'), '--allow-unsigned')).code, 1);
  assert.match((await verify(join(dir, 'nowhere'))).said, /^there is no image at .*nowhere: give the folder of one\n$/);
});

test('a package that the description does not know is found in the image', async () => {
  await mkdir(join(dir, 'images'));
  const rootfs = await pack(await toStatus('bash', 'curl', 'git'));
  const image = await publishImage(join(dir, 'images'), rootfs, await pick('bash', 'curl'), undefined);
  const { code, said } = await verify(image, '--allow-unsigned');
  assert.is(code, 1);
  for (const file of ['manifest.json', 'sbom.cdx.json', 'sbom.spdx.json'])
    assert.match(said, new RegExp(`${file}: lacks git \\S+, which the image has`));
});

test('a record that is a link out of the image is not followed', async () => {
  const secret = join(dir, 'secret');
  await writeFile(secret, 'Package: secret\nStatus: install ok installed\nVersion: 1\n');
  const told = await readInstalled(await pack({ linkTo: secret })).catch((error: Error) => error.message);
  assert.match(String(told), /leads out of the image/);
});

test('nothing is left mounted or lying about', async () => {
  const before = await readdir(tmpdir());
  await readInstalled(await pack(await toStatus('bash')));
  assert.not.match(await readFile('/proc/self/mounts', 'utf8'), /oriel-verify-/);
  assert.equal(
    (await readdir(tmpdir())).filter((name) => name.startsWith('oriel-verify-') && !before.includes(name)),
    [],
  );
});

test.run();
