import type { Logger } from 'pino';
import { run } from '../host/run.ts';
import { listCloneNetworks } from './clone-network.ts';
import { toSlot, type Slot } from './slot.ts';
import { COUNTER_PREFIX, WALL_CLASSES, type WallClass } from './wall.ts';

/** Packets that walls refused, by class. */
export type WallCounts = Record<WallClass, number>;

export interface WallTotalsOptions {
  instance: string;
  log: Pick<Logger, 'info'>;
  /** Slots that have a network now. */
  list?: (instance: string) => Promise<number[]>;
  /** Of each router namespace; undefined for one that has no such counters. */
  read?: (namespaces: readonly string[]) => Promise<(WallCounts | undefined)[]>;
}

/** Each costs 5 ms of processor time: with a thousand clones the numbers are sixty rounds old, and a round costs the same. */
const READ_AT_ONCE = 16;
/** A host that is short of everything ends a clone all the same. */
const READ_MS = 2_000;
const NONE = Object.fromEntries(Object.keys(WALL_CLASSES).map((name) => [name, 0])) as WallCounts;
const READ_ALL = 'for n; do nsenter --net="/run/netns/$n" nft -j list counters 2>/dev/null || echo; done';

/** What all walls have refused since this controller began: those that stand, and those that stood. */
export class WallTotals {
  readonly #options: Required<WallTotalsOptions>;
  /** Of walls that stood. */
  #past = NONE;
  /** By slot, least recently read first. */
  readonly #standing = new Map<number, WallCounts>();

  constructor(options: WallTotalsOptions) {
    this.#options = { list: listCloneNetworks, read: readWalls, ...options };
  }

  /** Reads some of the walls anew, those first that were read longest ago. Throws when that cannot be done. */
  async read(): Promise<WallCounts> {
    const { instance, list } = this.#options;
    const slots = await list(instance);
    for (const slot of this.#standing.keys()) if (!slots.includes(slot)) this.#close(slot);
    const known = [...this.#standing.keys()];
    await this.#readSome([...slots.filter((slot) => !this.#standing.has(slot)), ...known].slice(0, READ_AT_ONCE));
    return [...this.#standing.values()].reduce(add, this.#past);
  }

  /** Reads it for the last time, before its network goes. Never throws. */
  async close({ index }: Slot): Promise<void> {
    await this.#readSome([index]).catch(() => undefined);
    const refused = Object.entries(this.#standing.get(index) ?? {}).filter(([, count]) => count > 0);
    if (refused.length > 0)
      this.#options.log.info({ slot: index, refused: Object.fromEntries(refused) }, 'packets of the clone were refused');
    this.#close(index);
  }

  async #readSome(slots: readonly number[]): Promise<void> {
    if (slots.length === 0) return;
    const { instance, read } = this.#options;
    const counts = await read(slots.map((slot) => toSlot(instance, slot).routerNetns));
    for (const [place, slot] of slots.entries()) this.#keep(slot, counts[place]);
  }

  #keep(slot: number, counts: WallCounts | undefined): void {
    const before = this.#standing.get(slot);
    // Another clone has the slot by now.
    if (before && counts && Object.keys(NONE).some((name) => counts[name as WallClass] < before[name as WallClass])) this.#close(slot);
    this.#standing.delete(slot);
    this.#standing.set(slot, counts ?? before ?? NONE);
  }

  #close(slot: number): void {
    this.#past = add(this.#past, this.#standing.get(slot) ?? NONE);
    this.#standing.delete(slot);
  }
}

/** One process for each, one after the other: what is asked for the sake of numbers must not be felt. */
async function readWalls(namespaces: readonly string[]): Promise<(WallCounts | undefined)[]> {
  const text = await run(['sh', '-c', READ_ALL, 'sh', ...namespaces], { label: 'nft -j list counters', timeoutMs: READ_MS });
  return text.split('\n').map(parseCounters);
}

/** From `nft -j list counters`; undefined when ours are not there. */
export function parseCounters(text: string): WallCounts | undefined {
  if (text.trim() === '') return undefined;
  const { nftables } = JSON.parse(text) as { nftables: { counter?: { name: string; packets: number } }[] };
  const ours = nftables.flatMap(({ counter }) => (counter?.name.startsWith(COUNTER_PREFIX) ? [counter] : []));
  if (ours.length === 0) return undefined;
  return { ...NONE, ...Object.fromEntries(ours.map(({ name, packets }) => [name.slice(COUNTER_PREFIX.length), packets])) };
}

function add(a: WallCounts, b: WallCounts): WallCounts {
  return Object.fromEntries(Object.keys(NONE).map((name) => [name, a[name as WallClass] + b[name as WallClass]])) as WallCounts;
}
