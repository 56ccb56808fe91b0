import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { KeptEgress } from '../egress/kept-egress.ts';
import { EgressPool } from '../egress/pool.ts';
import { Prober } from '../egress/prober.ts';
import type { NamedUpstream } from '../egress/upstreams-file.ts';
import { LeasedWays } from '../egress/ways-out.ts';
import type { UpstreamMeter } from '../metrics/upstreams.ts';
import type { Store } from '../store/store.ts';
import { Upstreams } from './upstreams.ts';

export interface PoolParts {
  store: Pick<Store, 'leases'>;
  upstreams: readonly NamedUpstream[] | undefined;
  log: Logger;
  onExhausted: () => void;
}

export interface WaysOutParts {
  pool: EgressPool | undefined;
  egress: KeptEgress;
  log: Logger;
  meter: UpstreamMeter;
}

/** Cool-downs end so much late at most, ms. */
const LOOK_MS = 1_000;
/** One that does not answer, among many, must not keep a controller from serving, ms. */
const FIRST_ROUND_MS = 6_000;

/** The pool, where there is one. */
export function createPool({ cooldownMs }: Config['egress'], { store, upstreams, log, onExhausted }: PoolParts): EgressPool | undefined {
  if (!upstreams) return undefined;
  log.info({ upstreams: upstreams.length }, 'desktops leave through upstreams, one for each user');
  return new EgressPool({ table: store.leases, upstreams, cooldownMs, log, onExhausted });
}

/** The ways out of this host: leases, probes of upstreams, and their file. */
export function createWaysOut(config: Config['egress'], { pool, egress, log, meter }: WaysOutParts) {
  const { probeUrl: url, probeEveryMs: everyMs, limits, upstreamsFile: path } = config;
  const prober = new Prober({ probe: (probe) => egress.probe(probe), pool, url, everyMs, log, onProbed: (probed) => meter.probed(probed) });
  const ways = new LeasedWays({ egress, pool, directAddress: () => prober.directAddress, limits, log });
  const onRead = (isGood: boolean) => {
    meter.fileRead(isGood);
    if (isGood) void prober.round();
  };
  const file = pool && path !== undefined ? new Upstreams({ path, pool, log, onRead }) : undefined;
  let looking: NodeJS.Timeout | undefined;
  return {
    ways,
    reload: async () => file?.reload(),
    /** Resolves when it is known which upstreams are well, soon in any case. */
    async start(readUsers: () => ReadonlySet<string>): Promise<void> {
      ways.start();
      file?.start();
      prober.start();
      if (pool) looking = setInterval(() => tryTo(() => ways.look(readUsers()), log), LOOK_MS).unref();
      await Promise.race([prober.round(), sleep(FIRST_ROUND_MS, undefined, { ref: false })]);
    },
    stop(): void {
      clearInterval(looking);
      prober.stop();
      file?.stop();
      ways.stop();
    },
  };
}

/** A database that is held now is not in a second. */
function tryTo(act: () => void, log: Logger): void {
  try {
    act();
  } catch (err) {
    log.debug({ err }, 'leases cannot be looked at');
  }
}
