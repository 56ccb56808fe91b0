import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { toPaths } from '../../../images/src/paths.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * Writes a file with a file system (EROFS) that has what a release has, for a server to mount: `current/`, this tree as it is with its
 * packages and its built viewer, and `images/`, the built image. Runs in a mount namespace of the test's own.
 */
export function makeProjectDisk(file: string): void {
  const folder = `${file}.d`;
  try {
    copyTree(join(folder, 'current'));
    showAt(join(ROOT, 'node_modules'), join(folder, 'current/node_modules'));
    for (const built of ['controller/viewer/dist', 'controller/dist']) showAt(join(ROOT, built), join(folder, 'current', built));
    showAt(toPaths(process.env).images, join(folder, 'images'));
    // Nothing is packed: the server's processors have enough to do.
    execFileSync('mkfs.erofs', ['--quiet', '-x-1', '--exclude-regex=^images/tmp', file, folder]);
  } finally {
    execFileSync('umount', ['--recursive', '--lazy', folder]);
    rmSync(folder, { recursive: true });
  }
}

/** What git knows, and what is new; on a file system of its own, so that one umount takes all of it. */
function copyTree(to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', dirname(to)]);
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' });
  for (const file of files.split('\0').filter(Boolean)) cpSync(join(ROOT, file), join(to, file));
}

function showAt(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  execFileSync('mount', ['--bind', from, to]);
}
