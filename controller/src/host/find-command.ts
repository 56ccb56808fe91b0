import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMAND_ENV } from './run.ts';

/** Absolute path of a command as `run` would find it; undefined when it is not installed. */
export async function findCommand(name: string): Promise<string | undefined> {
  for (const dir of COMMAND_ENV.PATH.split(':')) {
    const path = join(dir, name);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}
