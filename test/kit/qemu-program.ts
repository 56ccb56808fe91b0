import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FakeQemu } from '../../controller/test/fakes/fake-qemu.ts';

const FAKE = join(import.meta.dirname, '../../controller/test/fakes/fake-qemu.ts');
const BIN = '/usr/bin';
const PROGRAM = `${BIN}/qemu-system-x86_64`;

/** With the fake in QEMU's place while `act` runs: by mounts in the test's own mount namespace, which its machines see. */
export function withFakeQemu<T>(setup: FakeQemu, act: () => Promise<T>): Promise<T> {
  return inFolder(async (dir) => {
    // Any user gets here, whoever owns the folders that Node and this file are in.
    const [node, fake, program] = ['node', 'fake-qemu.mts', 'program'].map((name) => join(dir, name)) as [string, string, string];
    writeFileSync(node, '');
    copyFileSync(FAKE, fake);
    const words = `exec '${node}' --disable-warning=ExperimentalWarning '${fake}' "$@"`;
    writeFileSync(program, `#!/bin/sh\nFAKE_QEMU='${JSON.stringify(setup)}' ${words}\n`, { mode: 0o755 });
    return withMount(node, ['--bind', process.execPath], () => withMount(PROGRAM, ['--bind', program], act));
  });
}

/** Without QEMU, as if it were not installed. */
export function withoutQemu<T>(act: () => Promise<T>): Promise<T> {
  return inFolder((dir) =>
    withMount(dir, ['-t', 'tmpfs', 'tmpfs'], () => {
      execFileSync('mkdir', [join(dir, 'upper'), join(dir, 'work')]);
      const options = `lowerdir=${BIN},upperdir=${join(dir, 'upper')},workdir=${join(dir, 'work')}`;
      return withMount(BIN, ['-t', 'overlay', '-o', options, 'overlay'], () => {
        rmSync(PROGRAM);
        return act();
      });
    }),
  );
}

async function inFolder<T>(act: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-program-'));
  chmodSync(dir, 0o755);
  try {
    return await act(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function withMount<T>(target: string, words: readonly string[], act: () => Promise<T>): Promise<T> {
  execFileSync('mount', [...words, target]);
  try {
    return await act();
  } finally {
    // What was started from it may run a moment longer.
    execFileSync('umount', ['-l', target]);
  }
}
