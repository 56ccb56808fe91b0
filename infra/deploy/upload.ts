import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROVENANCE } from '../../images/src/attest/provenance-file.ts';
import { parseSums, SUMS } from '../release/release.ts';
import type { Remote } from './remote.ts';

/** Of a release: how many files went over, and how many the host had in others. */
export interface Uploaded {
  sent: number;
  linked: number;
}

/**
 * Brings a release to a host, by content: a file that one of its releases has is linked there, the others go over. It has its name when
 * each of its bytes is what its sums say, and not before; what a broken upload left is begun anew.
 */
export async function uploadRelease(dir: string, id: string, releases: string, remote: Remote): Promise<Uploaded> {
  const target = `${releases}/${id}`;
  if ((await remote.run(`test -d ${target} && echo there || echo missing`)).trim() === 'there') return { sent: 0, linked: 0 };
  const sums = parseSums(await readFile(join(dir, SUMS), 'utf8'))!;
  const has = toIndex(await remote.run(`cd ${releases} 2>/dev/null && grep --with-filename . [0-9a-f]*/${SUMS} || true`));
  const aside = `${target}.partial`;
  const linked = [...sums].filter(([, sha256]) => has.has(sha256));
  const links = linked.map(([path, sha256]) => `ln -f '${releases}/${has.get(sha256)}' '${path}'`);
  const folders = [...new Set(linked.map(([path]) => path.split('/').slice(0, -1).join('/')).filter(Boolean))];
  await remote.run(`set -e; umask 022; rm -rf ${aside}; mkdir -p ${aside}; cd ${aside}
${folders.map((folder) => `mkdir -p '${folder}'`).join('\n')}
${links.join('\n')}`);
  const sent = [...[...sums.keys()].filter((path) => !linked.some(([other]) => other === path)), SUMS, PROVENANCE];
  const tar = spawn('tar', ['--create', '--owner=0', '--group=0', '--no-recursion', '--directory', dir, '--null', '--files-from=-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  tar.stdin.end(sent.join('\0'));
  await remote.run(`set -e; umask 022; cd ${aside}; tar --extract --preserve-permissions --no-same-owner`, tar.stdout);
  await remote.run(`set -e; cd ${aside}; sha256sum --check --quiet --strict ${SUMS}; mv -T ${aside} ${target}`);
  return { sent: sent.length, linked: linked.length };
}

/** Of grep's `ID/SHA256SUMS:sha256  path`: where a content is, below the folder of releases. A quote in a path would end a word: no such. */
function toIndex(text: string): Map<string, string> {
  const found = [...text.matchAll(/^([0-9a-f]{64})\/SHA256SUMS:([0-9a-f]{64}) {2}([^'\n]+)$/gm)];
  return new Map(found.map(([, id, sha256, path]) => [sha256!, `${id}/${path}`]));
}
