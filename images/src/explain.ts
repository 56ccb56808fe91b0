import { BuildError, CommandFailed } from './errors.ts';
import type { Paths } from './paths.ts';

/** A failure that the host is to blame for, as one line that says what to do; any other as it is. */
export function explainFailure(error: unknown, { cache, images }: Pick<Paths, 'cache' | 'images'>): unknown {
  if (isFull(error)) {
    return new BuildError(
      `No space left: a build takes about 5 GB in ${cache} (ORIEL_CACHE_DIR) and 1 GB in ${images} (ORIEL_IMAGE_DIR); the last good image stays.`,
      { cause: error },
    );
  }
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (!(error instanceof BuildError) && (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')) {
    return new BuildError(`${path ?? cache} cannot be written (${syscall}): run as root, or set ORIEL_CACHE_DIR and ORIEL_IMAGE_DIR`, {
      cause: error,
    });
  }
  return error;
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' || (error instanceof CommandFailed && /No space left on device/.test(error.message));
}
