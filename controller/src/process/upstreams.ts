import { stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { EgressPool } from '../egress/pool.ts';
import { readUpstreams, type NamedUpstream } from '../egress/upstreams-file.ts';

export interface UpstreamsDeps {
  path: string;
  pool: Pick<EgressPool, 'replace' | 'upstreams'>;
  log: Logger;
  /** The file was read again, or was wrong. */
  onRead: (isGood: boolean) => void;
  lookEveryMs?: number;
}

/** The file is looked at so often: its name may be a link to another one by now. */
const LOOK_EVERY_MS = 2_000;

/** Reads the operator's file again when it has changed, and when it is asked to. One that is wrong changes nothing. */
export class Upstreams {
  readonly #deps: UpstreamsDeps;
  #timer: NodeJS.Timeout | undefined;
  /** The file that was read last; none yet, as it may have changed since the controller has begun. */
  #seen: string | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(deps: UpstreamsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), this.#deps.lookEveryMs ?? LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Never rejects. */
  reload(): Promise<void> {
    return (this.#reading = this.#reading.then(() => this.#read()));
  }

  async #look(): Promise<void> {
    const now = await stat(this.#deps.path).then(
      ({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`,
      () => 'none',
    );
    if (now === this.#seen) return;
    this.#seen = now;
    await this.reload();
  }

  async #read(): Promise<void> {
    const { path, pool, log, onRead } = this.#deps;
    try {
      const upstreams = await readUpstreams(path);
      const before = new Set(pool.upstreams.map(({ name }) => name));
      pool.replace(upstreams);
      onRead(true);
      log.info({ upstreams: upstreams.length, ...toChange(before, upstreams) }, 'upstreams read');
    } catch (error) {
      onRead(false);
      log.error({ reason: (error as Error).message }, 'upstreams stay as they were');
    }
  }
}

function toChange(before: ReadonlySet<string>, upstreams: readonly NamedUpstream[]): { added: number; removed: number } {
  const kept = upstreams.filter(({ name }) => before.has(name)).length;
  return { added: upstreams.length - kept, removed: before.size - kept };
}
