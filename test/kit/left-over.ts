import { setTimeout as sleep } from 'node:timers/promises';
import { diffCensus, takeCensus } from './census.ts';
import { PACE } from './pace.ts';
import { isOfTest } from './processes.ts';

/** The kernel lets go of some things a moment later. */
const PATIENCE_MS = 10_000 * PACE;

/** What there is that was not there in a census before; empty when nothing was left over. */
export async function findLeftOver(before: string[], test: { instance: string; dir: string }): Promise<string[]> {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(100)) {
    const left = diffCensus(before, takeCensus()).filter((line) => isOurs(line, test));
    if (left.length === 0 || Date.now() > until) return left;
  }
}

/** Of what all of the host shares, only what is this test's: other controllers may come and go there meanwhile. */
function isOurs(line: string, { instance, dir }: { instance: string; dir: string }): boolean {
  const [, kind, , pid] = line.split(' ');
  if (kind === 'process') return isOfTest(Number(pid), instance);
  return !['cgroup', 'loop'].includes(kind!) || line.includes(instance) || line.includes(dir);
}
