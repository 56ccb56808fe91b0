import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { takeCensus } from '#test/census';
import { findLeftOver } from '#test/left-over';
import { openStore } from '../../controller/src/store/store.ts';
import { within } from '../../controller/src/host/within.ts';
import { takeDown } from '../../controller/src/process/down.ts';
import { toConfig } from '../../controller/src/config.ts';
import type { FaultPoint } from '../../controller/src/fault-point.ts';
import { SCOPES } from '../../controller/src/auth/access.ts';
import { toHash } from '../../controller/src/auth/hash.ts';
import { Client } from './client.ts';
import { Ledger } from './ledger.ts';
import { Life } from './life.ts';
import { LIFE_MS, planKills, toPoints, type Kill } from './plan.ts';
import { toRandom } from '../../bench/kit/random.ts';
import { compare } from './verdict.ts';

export interface StormOptions {
  kills: number;
  perPoint: number;
  seed: number;
  clients?: number;
  /** Machines in the warm pool: there must be few enough clients that it is full now and then. */
  warm?: number;
  /** Where it is killed, beside random instants; at all that it comes by when missing. */
  points?: readonly FaultPoint[];
  /** Ends it early, with all taken down. */
  signal?: AbortSignal;
  /** What the machines are: fakes (real processes, networks and disks), or containers of the golden image. */
  driver?: 'fake' | 'container';
  /** What else happens, after the kills, while the clients go on. */
  during?: (scene: Scene) => Promise<void>;
  /** Told of each kill as it is done. */
  onKill?: (name: string, done: number, all: number) => void;
}

/** Where it plays. */
export interface Scene {
  origin: string;
  key: string;
  database: string;
}

export interface StormResult {
  /** How often the controller was killed at each fault point, and at `random` instants. */
  kills: Record<string, number>;
  /** Points that never came by, though they were waited for. */
  missed: string[];
  sessions: number;
  /** How often a machine that could be viewed was found with the same process after an end of the controller. */
  survivals: number;
  /** How often a client was told to ask again. */
  refusals: number;
  /** Sessions that got a machine of the warm pool. */
  claimed: number;
  /** How the sessions ended, by status and reason. */
  ends: Record<string, number>;
  /** Whatever was not as it has to be; empty after a storm that the controller survived. */
  violations: string[];
}

const NEVER = new AbortController().signal;
/** Two storms on one host have their own control groups. */
const INSTANCE = `st${process.pid.toString(36)}`;
const PORT = 17_080;
const ORIGIN = `http://127.0.0.1:${PORT}`;
/** What a controller process is told of its machines: see test/kit/fake-machines/main.ts. */
const MACHINES = {
  fake: { ORIEL_MEMORY_MIB: '256' },
  container: {
    ORIEL_TEST_MACHINES: 'container',
    ORIEL_DRIVER: 'container',
    ORIEL_MEMORY_MIB: '1024',
    ORIEL_IMAGE_DIR: process.env.ORIEL_IMAGE_DIR ?? '/var/lib/oriel/images',
  },
};
const KEY = 'storm'.padEnd(43, 's');
/** A fault point that has not come by then is waited for in another life. */
const POINT_MS = 6_000;
const IMAGE_MS = 60_000;
const TRIES = 4;
/** Where the life before has to end for a point to come by for sure: it finds what it deals with. */
const NEEDS: Record<string, string> = {
  'begun again': 'machine recorded',
  'left-over machine ended': 'machine ending',
  'left-over removed': 'machine ending',
  'warm machine adopted': 'warm machine ready',
  'warm machine ending': 'warm machine ready',
};
/** What a life is told for a point to come by: machines that were kept ready for other settings are thrown away. */
const TOLD: Record<string, Record<string, string>> = { 'warm machine ending': { ORIEL_WARM_MAX_MINUTES: '59' } };
const END_MS = 90_000;
/** Nothing is booted ahead while somebody starts: clients of a pool take their time. */
const CALM_MS = 4_000;

/** Kills a controller, again and again, under clients that go on; then looks whether anything was lost, doubled, or left over. */
export async function runStorm({
  kills,
  perPoint,
  seed,
  clients = 10,
  warm = 0,
  points = toPoints(warm > 0),
  signal = NEVER,
  driver = 'fake',
  during = async () => undefined,
  onKill = () => {},
}: StormOptions): Promise<StormResult> {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-storm-'));
  const before = takeCensus();
  const storm = new Storm(dir, seed, warm, driver);
  try {
    const findLeft = () => findLeftOver(before, { instance: INSTANCE, dir });
    const plan = planKills(kills, perPoint, points, toRandom(seed), LIFE_MS * storm.pace);
    if (driver === 'container') await within(signal, storm.prepare());
    return await within(signal, storm.run(plan, clients, { onKill, during }, findLeft));
  } finally {
    await storm.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

class Storm {
  readonly #ledger = new Ledger();
  readonly #env: Record<string, string>;
  readonly #data: string;
  readonly #log: string;
  readonly #seed: number;
  readonly #hasPool: boolean;
  readonly #counts: Record<string, number> = {};
  readonly #missed: string[] = [];
  #life: Life | undefined;
  #isClosed = false;
  /** How many times longer than a fake's the way up of its machines takes. */
  readonly pace: number;

  constructor(dir: string, seed: number, warm: number, driver: NonNullable<StormOptions['driver']>) {
    this.#seed = seed;
    this.pace = driver === 'container' ? 2 : 1;
    this.#hasPool = warm > 0;
    this.#data = join(dir, 'data');
    this.#log = join(dir, 'log');
    this.#env = {
      ORIEL_DATA_DIR: this.#data,
      ORIEL_RUN_DIR: join(dir, 'run'),
      ORIEL_INSTANCE: INSTANCE,
      ORIEL_PORT: String(PORT),
      NODE_COMPILE_CACHE: join(dir, 'compiled'),
      ORIEL_LOG_LEVEL: 'warn',
      ORIEL_CPU_PRESSURE_MOST: '100',
      ...MACHINES[driver],
      ORIEL_MEMORY_SHARE: '0.05',
      ORIEL_MAX_SESSIONS: '40',
      ORIEL_WARM: String(warm),
      ORIEL_STARTS_PER_MINUTE: '10000',
    };
  }

  async run(
    plan: Kill[],
    clients: number,
    { onKill, during }: Required<Pick<StormOptions, 'onKill' | 'during'>>,
    findLeft: () => Promise<string[]>,
  ): Promise<StormResult> {
    this.#makeKey();
    const end = new AbortController();
    const running = Promise.all(Array.from({ length: clients }, (_, index) => this.#runClient(index, end.signal)));
    for (const [index, kill] of plan.entries()) onKill(await this.#killOnce(kill), index + 1, plan.length);
    this.#live();
    if (!(await this.#life!.serves())) this.#ledger.violate(`the controller does not start:\n${this.#life!.lastWords}`);
    await during({ origin: ORIGIN, key: KEY, database: join(this.#data, 'oriel.db') });
    end.abort();
    await running;
    const code = await this.#life!.stop(END_MS);
    if (code !== 0) this.#ledger.violate(`the controller ended with ${code}:\n${this.#life!.lastWords}`);
    // As an operator does: what goes on without a controller, as the egress process may, goes too.
    await takeDown(toConfig(this.#env), pino({ level: 'silent' }));
    const { violations, ends, claimed } = compare(join(this.#data, 'oriel.db'), this.#ledger);
    const left = (await findLeft()).map((line) => `left over: ${line}`);
    return {
      kills: this.#counts,
      missed: this.#missed,
      sessions: this.#ledger.entries.length,
      survivals: this.#ledger.survivals,
      refusals: this.#ledger.refusals,
      claimed,
      ends,
      violations: [...new Set([...this.#ledger.violations, ...violations, ...left])],
    };
  }

  /** The image is read once for each boot of the host, or each run directory: no life of a storm would be long enough. */
  async prepare(): Promise<void> {
    this.#live();
    await this.#life!.serves();
    const images = join(this.#env.ORIEL_RUN_DIR!, 'images');
    const isRead = () => existsSync(images) && readdirSync(images).some((name) => name.endsWith('.verdict'));
    for (const until = performance.now() + IMAGE_MS; !isRead() && performance.now() < until;) await sleep(100);
    await this.#life!.kill();
  }

  /** Nothing of ours is left, whatever happened. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#life?.kill();
    await takeDown(toConfig(this.#env), pino({ level: 'silent' }));
  }

  /** One that holds in every life of the controller. */
  #makeKey(): void {
    mkdirSync(this.#data, { recursive: true });
    const store = openStore(join(this.#data, 'oriel.db'), undefined, 5_000);
    store.keys.insert({ id: 'k-storm', name: 'storm', hash: toHash(KEY), owner: 'local', scopes: SCOPES }, new Date().toISOString());
    store.close();
  }

  async #runClient(index: number, end: AbortSignal): Promise<void> {
    const random = toRandom(this.#seed + 1000 + index);
    const machinesDir = join(this.#data, 'machines');
    const client = new Client({
      name: `client${index}`,
      origin: ORIGIN,
      key: KEY,
      machinesDir,
      ledger: this.#ledger,
      random,
      ...(this.#hasPool && { pauseMs: CALM_MS }),
    });
    await client.run(end).catch((error: Error) => this.#ledger.violate(`client${index}: ${error.message}`));
  }

  /** Gives the name of the kill that it was. */
  async #killOnce(kill: Kill): Promise<string> {
    if ('at' in kill) return this.#killAt(kill.at, kill.nth);
    this.#live();
    if (await this.#life!.endsWithin(kill.afterMs)) await this.#explainEnd();
    if (!kill.isAsked) await this.#life!.kill();
    else await this.#ask();
    return this.#count(kill.isAsked ? 'restart' : 'random');
  }

  /** One that does not serve yet has nobody who listens to signals. */
  async #ask(): Promise<void> {
    await this.#life!.serves();
    const code = await this.#life!.stop(END_MS);
    if (code !== 0) this.#ledger.violate(`the controller ended with ${code} when it was asked to:\n${this.#life!.lastWords}`);
  }

  async #killAt(point: string, nth: number): Promise<string> {
    for (let tries = 1; tries <= TRIES; tries++) {
      if (tries > 1 && NEEDS[point]) await this.#killAt(NEEDS[point], 1);
      const env = { ...this.#env, ...TOLD[point], ORIEL_TEST_KILL_AT: point, ORIEL_TEST_KILL_NTH: String(tries === 1 ? nth : 1) };
      this.#live(env);
      await this.#life!.serves();
      if (await this.#life!.endsWithin(POINT_MS * this.pace)) {
        await this.#explainEnd();
        return this.#count(point);
      }
      await this.#life!.kill();
      this.#count('random');
    }
    this.#missed.push(point);
    return `${point} (missed)`;
  }

  #live(env = this.#env): void {
    if (this.#isClosed) throw new Error('the storm is over');
    this.#life = new Life(env, this.#log);
  }

  /** It was to be killed; one that ends by itself has a fault. */
  async #explainEnd(): Promise<void> {
    const { code, signal } = await this.#life!.ended;
    if (signal === 'SIGKILL') return;
    this.#ledger.violate(`the controller ended by itself, with ${signal ?? `code ${code}`}:\n${this.#life!.lastWords}`);
    await sleep(500);
  }

  #count(name: string): string {
    this.#ledger.kills++;
    this.#counts[name] = (this.#counts[name] ?? 0) + 1;
    return name;
  }
}
