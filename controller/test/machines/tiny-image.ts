import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '../../src/host/run.ts';
import type { MachineImage } from '../../src/machines/driver.ts';
import { findImage, hashFile } from '../../src/machines/image.ts';

const PROGRAMS = ['dash', 'base64', 'cat', 'dd', 'id', 'ls', 'mkdir', 'mount', 'sleep', 'stat', 'touch', 'tr'];
const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

/**
 * Runs the shell script that came as the machine's config: each test brings what its machine does. A virtual machine's kernel hands
 * init no word with a dot in it, and nothing is mounted there yet.
 */
const INIT = `#!/usr/bin/dash
PATH=/usr/sbin:/usr/bin
word=\${1-}
if [ "\${container-}" != oriel ]; then
  mount -n -t proc proc /proc
  for dir in run tmp; do mount -n -t tmpfs tmpfs /$dir; done
  read -r line </proc/cmdline
  for each in $line; do case $each in oriel.config=*) word=$each ;; esac; done
fi
printf %s "\${word#oriel.config=}" | tr -- -_ +/ | base64 -d >/run/script
exec dash /run/script
`;
/** For a virtual machine: the first disk, unchecked. */
const ROOT_ARGS = 'root=/dev/vda rootfstype=erofs ro';

/** Word for PID 1 that makes a machine of the tiny image run this script. Its length is made one that needs no `=` at the end. */
export function toConfigArg(script: string): string {
  const spaces = ' '.repeat((3 - (Buffer.byteLength(script) % 3)) % 3);
  return `oriel.config=${Buffer.from(script + spaces).toString('base64url')}`;
}

/**
 * An image of a few programs, packed by the host's mkfs.erofs. They are taken from a built image when this host has one
 * (its mount(8) shifts ids, see image-mount.ts), else from the host itself.
 */
export async function makeTinyImage(dir: string, { withInit = true, init = INIT } = {}): Promise<MachineImage> {
  const tree = await mkdtemp(join(dir, 'tree-'));
  await withUserland(dir, (from) => copyPrograms(from, tree));
  for (const path of ['dev', 'home', 'proc', 'root', 'run', 'sys', 'tmp', 'usr/sbin']) await mkdir(join(tree, path), { recursive: true });
  if (withInit) await writeFile(join(tree, 'usr/sbin/oriel-init'), init, { mode: 0o755 });
  await chmod(tree, 0o755);
  const rootfs = join(dir, `${basename(tree)}.erofs`);
  await run(['mkfs.erofs', '--quiet', rootfs, tree]);
  await rm(tree, { recursive: true });
  return { id: await hashFile(rootfs), rootfs, rootArgs: ROOT_ARGS };
}

async function withUserland(dir: string, act: (root: string) => Promise<void>): Promise<void> {
  const built = await findImage(process.env.ORIEL_IMAGE_DIR ?? '/var/lib/oriel/images').catch(() => undefined);
  if (!built) return act('/');
  const root = await mkdtemp(join(dir, 'built-'));
  await run(['mount', '-t', 'erofs', '-o', 'ro', built.rootfs, root]);
  try {
    await act(root);
  } finally {
    await run(['umount', root]);
    await rm(root, { recursive: true });
  }
}

async function copyPrograms(from: string, tree: string): Promise<void> {
  const loader = join(from, 'lib64/ld-linux-x86-64.so.2');
  for (const path of ['usr/bin', LIBRARIES, 'usr/lib64']) await mkdir(join(tree, path), { recursive: true });
  for (const [link, target] of Object.entries({ bin: 'usr/bin', lib: 'usr/lib', lib64: 'usr/lib64', 'usr/bin/sh': 'dash' }))
    await symlink(target, join(tree, link));
  await copyFile(loader, join(tree, 'usr/lib64/ld-linux-x86-64.so.2'));
  for (const program of PROGRAMS) {
    const path = join(from, 'usr/bin', program);
    await copyFile(path, join(tree, 'usr/bin', program));
    const listed = await run([loader, '--library-path', join(from, LIBRARIES), '--list', path]);
    for (const [, library] of listed.matchAll(/=> (\/\S+)/g)) await copyFile(library!, join(tree, LIBRARIES, basename(library!)));
  }
}
