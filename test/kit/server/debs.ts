import { link, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchDebs, toDebPath } from '../../../images/src/debs.ts';
import { toPaths } from '../../../images/src/paths.ts';
import { run } from '../../../images/src/run.ts';
import { findMirrors } from '../../../images/src/sources.ts';
import { runStage, toKey } from '../../../images/src/stage.ts';
import { resolve, SERVERS, type ServerKind } from './image.ts';
import type { Server } from './server.ts';

/** What stacks put on a server beside Oriel itself. */
const SERVICES = ['caddy', 'coturn', 'prometheus', 'prometheus-node-exporter'];
const FILE = 'debs.erofs';

/**
 * Makes a mirror of Debian's for a server that has no internet: a file system with these packages and all that a server of this kind lacks for
 * them. To be called before a test, which has no network.
 */
export async function makeServerDebs(kind: ServerKind): Promise<string> {
  const { cache } = toPaths(process.env);
  const [base, all] = [await resolve(cache, SERVERS[kind]), await resolve(cache, [...SERVERS[kind], ...SERVICES])];
  const there = new Set(base.packages.map(({ name }) => name));
  const packages = all.packages.filter(({ name }) => !there.has(name));
  const dir = await runStage(cache, `server-debs-${kind}`, toKey({ packages }), async (dir) => {
    await fetchDebs(packages, cache, () => findMirrors(process.env));
    await mkdir(join(dir, 'debs'));
    const stanzas: string[] = [];
    for (const { name, sha256, size } of packages) {
      await link(toDebPath(cache, { sha256 }), join(dir, 'debs', `${name}.deb`));
      const fields = await run(['dpkg-deb', '--field', join(dir, 'debs', `${name}.deb`)]);
      stanzas.push(`${fields.trimEnd()}\nFilename: ./${name}.deb\nSize: ${size}\nSHA256: ${sha256}\n`);
    }
    await writeFile(join(dir, 'debs/Packages'), stanzas.join('\n'));
    await run(['mkfs.erofs', '--quiet', join(dir, FILE), join(dir, 'debs')]);
    await run(['rm', '-r', join(dir, 'debs')]);
  });
  return join(dir, FILE);
}

/** The newest one that was made. Throws when there is none. */
export async function findServerDebs(kind: ServerKind): Promise<string> {
  const stages = join(toPaths(process.env).cache, 'stages');
  const names = (await readdir(stages).catch(() => [])).filter((name) => name.startsWith(`server-debs-${kind}-`));
  const made = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(stages, name))).mtimeMs })));
  const newest = made.sort((a, b) => b.at - a.at)[0];
  if (!newest) throw new Error(`no packages for a server in ${stages}: node test/kit/server/make.ts ${kind}`);
  return join(stages, newest.name, FILE);
}

/** Has a server that was booted with it as its second disk install from it, and from nowhere else. */
export async function useServerDebs(server: Server): Promise<void> {
  await server.run('modprobe erofs && mkdir -p /srv/debs && mount -o ro /dev/vdb /srv/debs');
  await server.write('/etc/apt/sources.list', 'deb [trusted=yes] file:/srv/debs ./\n');
}
