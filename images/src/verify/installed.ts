import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../manifest.ts';
import { IN_OWN_NAMESPACE_OFFLINE } from '../namespace.ts';
import { run } from '../run.ts';
import { parseStanzas } from '../sources.ts';

/*
 * Nothing of the image is run, unlike when it is built: it may be anybody's. A link in it must not lead out of it, to a file of
 * this host, so the path is resolved first.
 */
const SCRIPT = `
mount -t erofs -o loop,ro,nodev,nosuid,noexec "$1" "$2"
status=$(realpath -e "$2/var/lib/dpkg/status")
case $status in "$2"/*) exec cat "$status" ;; esac
echo "var/lib/dpkg/status leads out of the image" >&2
exit 1
`;

/** Packages that dpkg's record inside of an image says are installed, sorted. Root. */
export async function readInstalled(rootfs: string): Promise<Manifest['packages']> {
  const dir = await mkdtemp(join(tmpdir(), 'oriel-verify-'));
  try {
    return parseStatus(await run([...IN_OWN_NAMESPACE_OFFLINE, '--', 'sh', '-euc', SCRIPT, 'sh', rootfs, dir]));
  } finally {
    await rmdir(dir);
  }
}

export function parseStatus(text: string): Manifest['packages'] {
  return parseStanzas(text)
    .filter(({ Status }) => Status?.endsWith(' installed'))
    .map(({ Package, Version }) => ({ name: Package!, version: Version! }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
