import { watch, type FSWatcher } from 'node:fs';
import { dirname, join } from 'node:path';
import { readHomeFile } from './home-files.ts';
import type { FromLogin } from './protocol.ts';

/** Changes in a bunch are looked at together, so long after the first, ms: somebody may write all the time into the same folder. */
const GATHER_MS = 40;

type FileNews = Extract<FromLogin, { t: 'file' }>;

/** Tells of files below a home as they come and change. Their folders need not be there yet: the kernel tells when they are made. */
export class HomeWatch {
  readonly #home: string;
  readonly #paths: readonly string[];
  readonly #tell: (news: FileNews) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #told = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #reading = Promise.resolve();
  #stopped = false;

  constructor(home: string, paths: readonly string[], tell: (news: FileNews) => void) {
    this.#home = home;
    this.#paths = paths;
    this.#tell = tell;
  }

  /** What is there already is told as well. */
  start(): void {
    this.#again();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #look(): void {
    this.#timer = undefined;
    this.#reading = this.#reading.then(() => this.#read());
  }

  /** One that is not there is watched for by its parent; one that was removed is watched anew when it is made again. */
  #watch(folder: string): void {
    if (this.#watchers.has(folder)) return;
    try {
      const watcher = watch(folder, (event) => {
        if (event === 'rename') this.#forgetGone(folder);
        this.#again();
      });
      watcher.on('error', () => this.#drop(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      // It is not there.
    }
  }

  /** A rename in a folder can be the end of a folder below it. */
  #forgetGone(folder: string): void {
    for (const below of this.#watchers.keys()) if (below.startsWith(`${folder}/`)) this.#drop(below);
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #again(): void {
    if (this.#stopped) return;
    for (const path of this.#paths) for (const folder of toFolders(path)) this.#watch(join(this.#home, folder));
    this.#timer ??= setTimeout(() => this.#look(), GATHER_MS);
  }

  async #read(): Promise<void> {
    for (const path of this.#paths) {
      const found = await readHomeFile(this.#home, path);
      if (!found || this.#stopped) continue;
      const key = JSON.stringify(found);
      if (this.#told.get(path) === key) continue;
      this.#told.set(path, key);
      this.#tell({ t: 'file', path, ...found });
    }
  }
}

/** `.a/b/c.json` → ``, `.a`, `.a/b`. */
export function toFolders(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' ? [''] : [...toFolders(folder), folder];
}
