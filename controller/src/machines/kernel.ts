import { Type } from '#contract/schema';
import type { MachineKernel } from './driver.ts';
import { findFile, readReleased, type Kind } from './released.ts';

/** There is no kernel to boot under this name, or it is not whole. The message says what to do. */
export class KernelNotFound extends Error {
  override readonly name = 'KernelNotFound';
  readonly code = 'kernel_not_found';
}

const File = Type.Object({ file: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9.-]*$' }), bytes: Type.Integer({ minimum: 1 }) });
/** What this reads of a kernel's manifest. */
const Manifest = Type.Object({ schema: Type.Literal(1), id: Type.String({ pattern: '^[0-9a-f]{64}$' }), vmlinux: File, bzImage: File });

const KERNEL: Kind = { what: 'kernel', recipe: 'just build-kernel', Missing: KernelNotFound };

/** The kernel of this name (`latest`, or a sha256) in `kernelDir`. Cheap: looks at names and sizes. Throws KernelNotFound. */
export async function findKernel(kernelDir: string, name = 'latest'): Promise<MachineKernel> {
  const { folder, manifest } = await readReleased(KERNEL, Manifest, kernelDir, name);
  const { id, vmlinux, bzImage } = manifest;
  return { id, vmlinux: await findFile(KERNEL, folder, id, vmlinux), bzImage: await findFile(KERNEL, folder, id, bzImage) };
}
