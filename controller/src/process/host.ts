import { readFile } from 'node:fs/promises';
import { statfsSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import type { Host } from '#contract/host';
import type { Config } from '../config.ts';
import type { PoolCount } from '../egress/pool.ts';
import type { MachineDriver } from '../machines/driver.ts';
import { readImageAge, toAgeDays } from '../machines/image-age.ts';
import type { ReadyReport } from '../routes/route-app.ts';

export interface HostDeps {
  config: Pick<Config, 'instance' | 'imageDir' | 'image' | 'dataDir'>;
  driver: Pick<MachineDriver, 'name' | 'isolation'>;
  version: string;
  checkReady: () => Promise<ReadyReport>;
  readSlots: () => Host['slots'];
  /** Where there are upstreams. */
  readPool?: (() => PoolCount[]) | undefined;
}

/** Reads what of the host is told to an operator, at each call anew. */
export function hostReader({ config, driver, version, checkReady, readSlots, readPool }: HostDeps): () => Promise<Host> {
  const startedAt = new Date().toISOString();
  return async () => {
    const [image, memory, { ready, checks }] = await Promise.all([readImageAge(config.imageDir, config.image), readMemory(), checkReady()]);
    return {
      version,
      instance: config.instance,
      startedAt,
      driver: { name: driver.name, isolation: driver.isolation },
      ...(image && { image: { id: image.id, ageDays: Math.max(0, toAgeDays(image)) } }),
      cpu: { cores: availableParallelism(), load: loadavg() },
      memory,
      disk: readDisk(config.dataDir),
      slots: readSlots(),
      ...(readPool && { upstreams: toUpstreams(readPool()) }),
      ready,
      checks,
    };
  };
}

function toUpstreams(counts: readonly PoolCount[]): NonNullable<Host['upstreams']> {
  const sum = (isSo: (one: PoolCount) => boolean) => counts.filter(isSo).reduce((total, { count }) => total + count, 0);
  return {
    free: sum(({ state, isUp }) => state === 'free' && isUp),
    leased: sum(({ state }) => state === 'leased'),
    cooling: sum(({ state }) => state === 'cooling'),
    unwell: sum(({ isUp }) => !isUp),
  };
}

/** The kernel's own word: what is free would leave out what it can let go of. */
export function parseMemory(meminfo: string): Host['memory'] {
  const mib = (name: string) => Math.floor(Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0) / 1024);
  return { totalMib: mib('MemTotal'), availableMib: mib('MemAvailable') };
}

async function readMemory(): Promise<Host['memory']> {
  return parseMemory(await readFile('/proc/meminfo', 'utf8'));
}

function readDisk(path: string): Host['disk'] {
  const { bsize, blocks, bavail } = statfsSync(path);
  const toMib = (count: number) => Math.floor((count * bsize) / 2 ** 20);
  return { totalMib: toMib(blocks), freeMib: toMib(bavail) };
}
