import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assert, suite } from '#test/suite';
import { INPUTS as REAL, toInputHashes } from '../../image/inputs.ts';

const test = suite('inputs of the image');
const INPUTS = { lock: ['lock'], rootfs: ['rootfs', 'one.json'] };

test('what is another changes its own hash: content, mode, name; tests and packages change none', () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-inputs-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  for (const path of ['lock/root.json', 'rootfs/etc/a', 'rootfs/b', 'one.json']) write(path, path);
  let before = toInputHashes(dir, INPUTS);
  const changed = () => {
    const after = toInputHashes(dir, INPUTS);
    const names = Object.keys(after).filter((name) => after[name] !== before[name]);
    before = after;
    return names;
  };
  assert.equal(changed(), []);
  write('lock/root.json', 'another');
  assert.equal(changed(), ['lock']);
  chmodSync(join(dir, 'rootfs/b'), 0o755);
  assert.equal(changed(), ['rootfs']);
  renameSync(join(dir, 'rootfs/b'), join(dir, 'rootfs/c'));
  assert.equal(changed(), ['rootfs']);
  write('one.json', 'another');
  assert.equal(changed(), ['rootfs']);
  for (const path of ['rootfs/test/a.test.ts', 'rootfs/node_modules/a', 'other']) write(path, 'x');
  assert.equal(changed(), []);
  rmSync(dir, { recursive: true });
});

test('what the image is made of is there, all of images/golden and the contract among it', () => {
  const repository = join(import.meta.dirname, '../../..');
  const hashes = Object.values(toInputHashes(repository));
  const named: string[] = Object.values(REAL).flat();
  const missing = readdirSync(join(repository, 'images/golden')).filter((name) => !named.includes(`images/golden/${name}`));
  assert.equal([missing, named.includes('controller/src/contract')], [[], true]);
  assert.is(new Set(hashes).size, 5);
});

test.run();
