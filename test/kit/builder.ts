import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toPaths } from '../../images/src/paths.ts';

/** The builder root that was used last: tests with root come after the image. Throws when there is none. */
export async function findBuilder(): Promise<string> {
  const stages = join(toPaths(process.env).cache, 'stages');
  const names = (await readdir(stages).catch(() => [])).filter((entry) => /^builder-[0-9a-f]{32}$/.test(entry));
  const used = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(stages, name))).mtimeMs })));
  const newest = used.sort((a, b) => b.at - a.at)[0];
  if (!newest) throw new Error(`no builder root in ${stages}: just build-image`);
  return join(stages, newest.name, 'root');
}
