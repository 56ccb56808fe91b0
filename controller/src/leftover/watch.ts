import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';
import type { Instance } from './census.ts';
import { findLeftOver } from './find.ts';
import { countByKind, type Trace } from './trace.ts';

export interface LeftOverDeps {
  config: Instance;
  store: Pick<Store, 'machines'>;
  log: Pick<Logger, 'warn'>;
  everyMs?: number;
  find?: typeof findLeftOver;
}

const EVERY_MS = 120_000;

/** Looks now and then for what this instance has left on the host. The kernel lets go of some things late: what is there twice counts. */
export class LeftOverWatch {
  readonly #deps: LeftOverDeps;
  #timer: NodeJS.Timeout | undefined;
  #looking = Promise.resolve();
  #seen: Trace[] = [];
  #counts: Record<string, number> = {};

  constructor(deps: LeftOverDeps) {
    this.#deps = deps;
  }

  /** By kind. */
  get counts(): Record<string, number> {
    return this.#counts;
  }

  start(): void {
    this.#timer = setInterval(() => (this.#looking = this.look()), this.#deps.everyMs ?? EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** One look. Never throws. */
  async look(): Promise<void> {
    const { config, store, log, find = findLeftOver } = this.#deps;
    try {
      const found = await find(config, { listMachines: () => store.machines.places(), isControllerRunning: true });
      const stays = found.filter((trace) => this.#seen.some((one) => isSame(one, trace)));
      const known = Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
      this.#counts = { ...toZero(this.#counts), ...countByKind(stays) };
      this.#seen = found;
      if (stays.length > known) log.warn({ leftOver: stays.map(({ kind, name }) => `${kind} ${name}`).slice(0, 20) }, NO_RECORD);
    } catch (err) {
      log.warn({ err }, 'what is left over cannot be looked for');
    }
  }
}

const NO_RECORD = 'there is something of this instance that no record stands for: just doctor tells what to do';

function isSame(a: Trace, b: Trace): boolean {
  return a.kind === b.kind && a.name === b.name;
}

/** A kind of which nothing is left any more says so. */
function toZero(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.keys(counts).map((kind) => [kind, 0]));
}
