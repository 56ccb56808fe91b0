import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BYTES = 'a kernel that nobody boots';

/** A folder of kernels for a release whose machines are containers: they boot none, and to compile one takes minutes. */
export function makeKernelStandIn(dir: string): void {
  const id = createHash('sha256').update(BYTES).digest('hex');
  mkdirSync(join(dir, id), { recursive: true });
  writeFileSync(join(dir, id, 'manifest.json'), JSON.stringify({ id, release: '6.12' }));
  writeFileSync(join(dir, id, 'vmlinux'), BYTES);
  symlinkSync(id, join(dir, 'latest'));
}
