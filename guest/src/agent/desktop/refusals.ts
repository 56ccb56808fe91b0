import { mkdirSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { GUEST_DOORS, type GuestStatus } from '#contract/guest';
import { readCounts } from '../../websockify/tally.ts';

export interface RefusalsOptions {
  /** Where each door keeps its counts, in a file of its name. */
  folder: string;
  onChange(): void;
}

/** What the doors of this guest have refused, by their own count. */
export class Refusals {
  readonly #options: RefusalsOptions;
  #watcher: FSWatcher | undefined;

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  /** Of the doors that have refused something. */
  get counts(): NonNullable<GuestStatus['refused']> {
    const all = GUEST_DOORS.map((door) => [door, readCounts(join(this.#options.folder, door))] as const);
    return Object.fromEntries(all.filter(([, counts]) => Object.keys(counts).length > 0));
  }

  start(): void {
    const { folder, onChange } = this.#options;
    mkdirSync(folder, { recursive: true });
    this.#watcher = watch(folder, (_, name) => {
      if ((GUEST_DOORS as readonly (string | null)[]).includes(name)) onChange();
    });
  }

  stop(): void {
    this.#watcher?.close();
  }
}
