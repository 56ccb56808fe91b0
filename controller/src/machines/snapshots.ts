import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineSnapshot } from './driver.ts';

/** Of other images, kernels and sizes; newest first. */
const KEPT = 2;
const ASIDE = 'tmp.';

/** Snapshots of machines by their keys (see MachineDriver.toSnapshotKey), in one directory that is this controller's. */
export class Snapshots {
  readonly #dir: string;
  readonly #writing = new Set<string>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  async find(key: string): Promise<MachineSnapshot | undefined> {
    const dir = join(this.#dir, key);
    const isThere = await stat(dir).then(
      (found) => found.isDirectory(),
      () => false,
    );
    // The time says when it was last used.
    if (isThere) await utimes(dir, new Date(), new Date());
    return isThere ? { dir } : undefined;
  }

  /**
   * Keeps what `write` puts into an empty directory, whole or not at all, unless one is there or somebody is writing it. Says whether
   * it was written.
   */
  async keep(key: string, write: (dir: string) => Promise<void>): Promise<boolean> {
    if (this.#writing.has(key)) return false;
    this.#writing.add(key);
    try {
      if (await this.find(key)) return false;
      await this.#write(key, write);
      return true;
    } finally {
      this.#writing.delete(key);
    }
  }

  /** One that is of no use. Machines that are beginning from it may fail. */
  async discard(key: string): Promise<void> {
    await rm(join(this.#dir, key), { recursive: true, force: true });
  }

  /** What a controller that did not end in order was writing. */
  async sweep(): Promise<void> {
    const names = await readdir(this.#dir).catch(() => []);
    for (const name of names.filter((each) => each.startsWith(ASIDE))) await rm(join(this.#dir, name), { recursive: true, force: true });
  }

  async #write(key: string, write: (dir: string) => Promise<void>): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    const aside = await mkdtemp(join(this.#dir, ASIDE));
    try {
      await write(aside);
      await rename(aside, join(this.#dir, key));
      await this.#removeOld();
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  }

  async #removeOld(): Promise<void> {
    const names = (await readdir(this.#dir)).filter((name) => !name.startsWith(ASIDE));
    const used = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(this.#dir, name))).mtimeMs })));
    for (const { name } of used.sort((a, b) => b.at - a.at).slice(KEPT)) await this.discard(name);
  }
}
