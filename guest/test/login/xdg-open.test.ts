import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';

const test = suite('xdg-open');
const PROGRAM = join(import.meta.dirname, '../../../images/golden/rootfs/guest/usr/local/bin/xdg-open');

test('a page is opened once the desktop’s own browser is there, and who opens it does not wait', async () => {
  const home = mkdtempSync(join(tmpdir(), 'oriel-open-'));
  const said = join(home, 'said');
  writeFileSync(join(home, 'chromium'), `#!/bin/sh\necho "$@" >'${said}.new' && mv '${said}.new' '${said}'\n`, { mode: 0o755 });
  const env = { HOME: home, PATH: `${home}:${process.env.PATH}`, XDG_RUNTIME_DIR: home };
  execFileSync('sh', [PROGRAM, 'https://a.example/?x=1&y=2'], { env });
  await sleep(250);
  assert.is(existsSync(said), false);
  mkdirSync(join(home, '.config/chromium'), { recursive: true });
  symlinkSync('desktop-1', join(home, '.config/chromium/SingletonLock'));
  for (let turn = 0; turn < 500 && !existsSync(said); turn++) await sleep(10);
  assert.is(readFileSync(said, 'utf8'), 'https://a.example/?x=1&y=2\n');
  rmSync(home, { recursive: true });
});

test.run();
