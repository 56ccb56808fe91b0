import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Ajv } from 'ajv';
import { Type, type Static } from 'typebox';
import type { MachineImage } from './driver.ts';

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
});
type Manifest = Static<typeof Manifest>;
const isManifest = new Ajv({ allErrors: true }).compile<Manifest>(Manifest);

const BUILD = 'build one: just build-image';

/** The image of this name (`latest`, or a sha256) in `imageDir`. Cheap: looks at names and sizes, not at content. Throws ImageNotFound. */
export async function findImage(imageDir: string, name = 'latest'): Promise<MachineImage> {
  const dir = await realpath(join(imageDir, name)).catch(notFound(`no image ${name} in ${imageDir}: ${BUILD}`));
  const manifest = await readManifest(join(dir, 'manifest.json'));
  const rootfs = join(dir, manifest.rootfs.file);
  const { size } = await stat(rootfs).catch(notFound(`image ${manifest.id}: ${rootfs} is missing: ${BUILD}`));
  if (size !== manifest.rootfs.bytes) {
    throw new ImageNotFound(
      `image ${manifest.id}: ${rootfs} has ${size} bytes, ${manifest.rootfs.bytes} are needed: remove ${dir} and ${BUILD}`,
    );
  }
  return { id: manifest.id, rootfs };
}

/** sha256 of a file, lower-case hex. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, signal ? { signal } : {});
  return hash.digest('hex');
}

async function readManifest(path: string): Promise<Manifest> {
  const text = await readFile(path, 'utf8').catch(notFound(`image without ${path}: ${BUILD}`));
  const value = parseJson(text);
  if (isManifest(value)) return value;
  const wrong = (isManifest.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message}`).join('; ');
  throw new ImageNotFound(`${path}: ${wrong}: ${BUILD}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notFound(message: string): (error: NodeJS.ErrnoException) => never {
  return (cause) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') throw new ImageNotFound(message, { cause });
    throw cause;
  };
}
