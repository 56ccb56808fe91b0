import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withOriel, type Live } from './kit/live.ts';
import type { Report } from './kit/report.ts';
import { waitForSession } from './kit/sessions.ts';
import { toVerdict } from './kit/target.ts';
import { readWords, toCount, toNames } from './kit/words.ts';

/*
 * What a clone itself costs: namespaces and wall, disk, config, and the process; not its boot.
 *
 *   POST /api/auth/start ─► network ─► machine ─► (boot)
 *                           └── measured ──┘
 */
const DRIVERS = ['container', 'qemu'] as const;
type Driver = (typeof DRIVERS)[number];

const MOST_MS: Record<Driver, number> = { container: 120, qemu: 60 };
const MOST_DISK_KIB = 1024;
const MOST_CHILDREN = 4;
/** The clone before is taken down; what it left to the kernel should be too. */
const REST_MS = 500;
const HOOK = join(import.meta.dirname, 'clone/count-children.mjs');

interface Sample {
  network: number;
  machine: number;
  together: number;
  diskKib: number;
  children: number;
}

export async function run(args: string[]): Promise<Report> {
  const words = readWords(args, { n: '20', drivers: DRIVERS.join() });
  const report: Report = { rows: [], facts: {}, lines: [] };
  for (const driver of toNames(words.drivers, DRIVERS)) {
    const samples = await measureDriver(driver, toCount(words.n));
    for (const [name, unit] of Object.entries(UNITS))
      report.rows.push({ name: `${driver} ${unit}`, samples: samples.map((sample) => sample[name as keyof Sample]) });
    report.lines.push(...toVerdicts(driver, samples));
  }
  return report;
}

const UNITS: Record<keyof Sample, string> = {
  network: 'network, ms',
  machine: 'machine, ms',
  together: 'together, ms',
  diskKib: 'disk, KiB',
  children: 'processes started by the controller',
};

async function measureDriver(driver: Driver, n: number): Promise<Sample[]> {
  const list = join(tmpdir(), `oriel-children-${process.pid}`);
  const env = { ORIEL_DRIVER: driver, ORIEL_BENCH_CHILDREN: list, NODE_OPTIONS: `--import=${HOOK}` };
  try {
    return await withOriel(async (live) => {
      const samples: Sample[] = [];
      for (let count = 1; count <= n; count++) {
        await sleep(REST_MS);
        await writeFile(list, '');
        samples.push(await measureOne(live, list, `clone-${count}`));
        console.log(`${driver} ${count}: ${JSON.stringify(samples.at(-1))}`);
      }
      return samples;
    }, env);
  } finally {
    await rm(list, { force: true });
  }
}

async function measureOne({ client, oriel }: Live, list: string, userId: string): Promise<Sample> {
  const { sessionId } = await client.startSession({ userId, provider: 'desktop' });
  try {
    const { phases, machine } = await waitForSession(client, sessionId, ({ phases }) => phases.some(({ name }) => name === 'boot'));
    const ms = (name: string) => phases.find((phase) => phase.name === name)!.ms!;
    const until = Date.parse(phases.find(({ name }) => name === 'machine')!.endedAt!);
    return {
      network: ms('network'),
      machine: ms('machine'),
      together: ms('network') + ms('machine'),
      diskKib: await measureDisk(join(oriel.dir, 'data/machines', machine!.machineId)),
      children: await countChildren(list, until),
    };
  } finally {
    await client.stop(sessionId);
  }
}

/** Processes that the controller started for a clone, but the one that becomes its shim, and with it the VMM or the container. */
async function countChildren(list: string, until: number): Promise<number> {
  const children = (await readFile(list, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { at: number; argv: string[] });
  return children.filter(({ at, argv }) => at <= until && !argv.some((word) => word.endsWith('/launch.sh'))).length;
}

/** What the files below a folder take on the disk, KiB. */
async function measureDisk(dir: string): Promise<number> {
  const entries = await readdir(dir, { recursive: true });
  const blocks = await Promise.all(entries.map(async (name) => (await stat(join(dir, name)).catch(() => ({ blocks: 0 }))).blocks));
  return blocks.reduce((sum, one) => sum + one, 0) / 2;
}

function toVerdicts(driver: Driver, samples: Sample[]): string[] {
  const of = (name: keyof Sample) => samples.map((sample) => sample[name]);
  const [disk, children] = [Math.max(...of('diskKib')), Math.max(...of('children'))];
  return [
    toVerdict({ name: `${driver}, clone`, samples: of('together'), most: { median: MOST_MS[driver] } }),
    `${driver}, most disk: ${disk} KiB ${disk <= MOST_DISK_KIB ? `≤ ${MOST_DISK_KIB} met` : `> ${MOST_DISK_KIB} MISSED`}`,
    `${driver}, most processes: ${children} ${children <= MOST_CHILDREN ? `≤ ${MOST_CHILDREN} met` : `> ${MOST_CHILDREN} MISSED`}`,
  ];
}
