import { execFile } from 'node:child_process';
import { watch, type FSWatcher } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ServiceState } from '#contract/guest';
import type { Clock } from './clock.ts';
import { parseEnding, parseSvstat, SVSTAT_FIELDS, toEndingReason } from './service-state.ts';

const run = promisify(execFile);

export interface ServicesOptions {
  names: readonly string[];
  folders: { services: string; restarts: string };
  clock: Clock;
  onChange(state: ServiceState): void;
}

/** The states of all services, told as they change: s6 replaces a file in each service's `supervise` folder then. */
export class Services {
  readonly #options: ServicesOptions;
  readonly #states = new Map<string, ServiceState>();
  readonly #watchers: FSWatcher[] = [];
  readonly #reading = new Set<string>();
  readonly #stale = new Set<string>();

  constructor(options: ServicesOptions) {
    this.#options = options;
  }

  get states(): ServiceState[] {
    return this.#options.names.flatMap((name) => this.#states.get(name) ?? []);
  }

  start(): void {
    for (const name of this.#options.names) {
      this.#watchers.push(watch(join(this.#options.folders.services, name, 'supervise'), () => void this.#refresh(name)));
      void this.#refresh(name);
    }
  }

  stop(): void {
    for (const watcher of this.#watchers) watcher.close();
  }

  /** Reads once more after a change that came while it was read. */
  async #refresh(name: string): Promise<void> {
    if (this.#reading.has(name)) return void this.#stale.add(name);
    this.#reading.add(name);
    do {
      this.#stale.delete(name);
      await this.#read(name).catch(() => {}); // s6 has not made its files yet: it will
    } while (this.#stale.has(name));
    this.#reading.delete(name);
  }

  async #read(name: string): Promise<void> {
    const { folders, onChange } = this.#options;
    const { stdout } = await run('s6-svstat', ['-o', SVSTAT_FIELDS, join(folders.services, name)]);
    const sinceMs = await this.#readSince(name);
    const state = parseSvstat(stdout);
    const ending = parseEnding(await readFile(join(folders.restarts, name), 'utf8').catch(() => ''));
    const before = this.#states.get(name);
    if (before?.state === state && before.restarts === (ending?.count ?? 0)) return;
    const now: ServiceState = { name, state, sinceMs, restarts: ending?.count ?? 0, ...(ending && { reason: toEndingReason(ending) }) };
    this.#states.set(name, now);
    onChange(now);
  }

  /** When s6 last wrote the service's state: this process may have been busy since. */
  async #readSince(name: string): Promise<number> {
    const { mtimeMs } = await stat(join(this.#options.folders.services, name, 'supervise/status'));
    return Math.max(0, Math.round(this.#options.clock() - (Date.now() - mtimeMs)));
  }
}
