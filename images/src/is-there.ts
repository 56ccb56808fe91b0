import { access } from 'node:fs/promises';

/** Whether a path can be reached. */
export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
