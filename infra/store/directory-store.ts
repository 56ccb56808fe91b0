import { constants } from 'node:fs';
import { access, copyFile, mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StoreFailed } from './store-failed.ts';
import type { Store } from './store.ts';

export function toDirectoryStore(directory: string): Store {
  return {
    has: (key) =>
      access(join(directory, key)).then(
        () => true,
        () => false,
      ),
    async put(key, path) {
      const target = join(directory, key);
      await mkdir(dirname(target), { recursive: true });
      const aside = `${target}.${process.pid}.partial`;
      await copyFile(path, aside, constants.COPYFILE_FICLONE);
      const file = await open(aside, 'r');
      await file.sync().finally(() => file.close());
      await rename(aside, target);
    },
    async get(key, path) {
      await copyFile(join(directory, key), path, constants.COPYFILE_FICLONE).catch((cause: NodeJS.ErrnoException) => {
        throw new StoreFailed(`${directory} has no ${key}: ${cause.code}`, { cause });
      });
    },
  };
}
