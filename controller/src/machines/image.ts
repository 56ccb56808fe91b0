import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Type } from '#contract/schema';
import type { MachineImage } from './driver.ts';
import { findFile, readReleased, type Kind } from './released.ts';

/** There is no image to boot under this name, or it is not whole. The message says what to do. */
export class ImageNotFound extends Error {
  override readonly name = 'ImageNotFound';
  readonly code = 'image_not_found';
}

/** What this reads of an image's manifest; the rest of it is for people and tools. */
const Manifest = Type.Object({
  schema: Type.Literal(1),
  id: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  rootfs: Type.Object({ file: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]*$' }), bytes: Type.Integer({ minimum: 1 }) }),
  verity: Type.Optional(Type.Object({ kernelArgs: Type.String({ minLength: 1 }) })),
});

const IMAGE: Kind = { what: 'image', recipe: 'just build-image', Missing: ImageNotFound };

/** The image of this name (`latest`, or a sha256) in `imageDir`. Cheap: looks at names and sizes, not at content. Throws ImageNotFound. */
export async function findImage(imageDir: string, name = 'latest'): Promise<MachineImage> {
  const { folder, manifest } = await readReleased(IMAGE, Manifest, imageDir, name);
  const { id, rootfs, verity } = manifest;
  return { id, rootfs: await findFile(IMAGE, folder, id, rootfs), ...(verity && { rootArgs: verity.kernelArgs }) };
}

/** sha256 of a file, lower-case hex. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, signal ? { signal } : {});
  return hash.digest('hex');
}
