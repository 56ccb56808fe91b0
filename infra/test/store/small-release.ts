import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { toProvenanceFile } from '../../../images/src/attest/provenance-file.ts';
import { BUILD, RELEASE, SUMS, toSums } from '../../release/release.ts';

export const toHash = (content: string) => createHash('sha256').update(content).digest('hex');

/** A release of a few bytes that is whole in every way, below `parent`. Gives its path, which ends with its id. */
export async function makeSmallRelease(parent: string, contents: Record<string, string>): Promise<string> {
  const facts = { buildType: 'release/v1', externalParameters: {}, internalParameters: {}, materials: [] };
  const all: Record<string, string> = { ...contents, [BUILD]: JSON.stringify(facts) };
  const files = Object.keys(all).map((path) => ({
    path,
    mode: path.startsWith('bin/') ? ('755' as const) : ('644' as const),
    bytes: all[path]!.length,
    sha256: toHash(all[path]!),
  }));
  const described = JSON.stringify({ schema: 1, version: '0', files });
  const sums = toSums([...files, { path: RELEASE, sha256: toHash(described) }]);
  const { text } = await toProvenanceFile(parent, facts, [{ name: SUMS, sha256: toHash(sums) }]);
  const dir = join(parent, 'making');
  for (const [path, content] of Object.entries({ ...all, [RELEASE]: described, [SUMS]: sums, 'provenance.dsse.json': text! })) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
    chmodSync(join(dir, path), path.startsWith('bin/') ? 0o755 : 0o644);
  }
  const target = join(parent, toHash(sums));
  renameSync(dir, target);
  return target;
}
