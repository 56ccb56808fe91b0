import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { readPublicKey } from '../attest/keys.ts';
import { BuildError } from '../errors.ts';
import type { Progress } from '../progress.ts';
import { verifyImage } from './verify.ts';

export interface VerifyOptions {
  /** Path of a public key in PEM. */
  key?: string | undefined;
  allowUnsigned?: boolean | undefined;
}

/** Says that an image is what its provenance says, or throws BuildError with everything that is wrong. Without a folder: the latest image. */
export async function verify(
  images: string,
  dir: string | undefined,
  { key, allowUnsigned }: VerifyOptions,
  progress: Progress,
): Promise<void> {
  if (key && allowUnsigned) throw new BuildError('--key and --allow-unsigned exclude each other: an image is of that key, or of nobody');
  const trust = key ? await readPublicKey(key) : allowUnsigned ? 'unsigned' : undefined;
  const path = await realpath(dir ?? join(images, 'latest')).catch((cause: NodeJS.ErrnoException) => {
    throw new BuildError(`there is no image at ${cause.path}: give the folder of one`, { cause });
  });
  const wrong = await verifyImage(path, trust);
  if (wrong.length) throw new BuildError(`${path} is not what it must be:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
  progress.say(`${path}: files, packages and provenance agree; ${key ? `signed by ${key}` : 'NOT SIGNED, as allowed'}`);
}
