import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrielError } from '../controller/client/index.ts';
import { parseAvailableMib } from '../controller/src/host/memory.ts';
import { readCpuPressure } from '../controller/src/host/cpu-pressure.ts';
import { planCgroup, type CgroupLayout } from '../controller/src/machines/shim/cgroup-plan.ts';
import { readCgroupLayout } from '../controller/src/machines/shim/cgroup.ts';
import { parseUsedMib } from '../controller/src/machines/shim/used-memory.ts';
import { withOriel, type Live } from './kit/live.ts';
import type { Report } from './kit/report.ts';
import { hasWindows, waitForSession } from './kit/sessions.ts';
import { readWords, toCount } from './kit/words.ts';

interface Desktop {
  sessionId: string;
  machineId: string;
}

/** A desktop that has come up has done its start's work by then: what it takes from there on is what it costs. */
const REST_MS = 2_000;
const WATCH_SECONDS = 10;

/** Starts container desktops, one after the other, until admission refuses one or `--most` run; nobody looks at them. */
export async function run(args: string[]): Promise<Report> {
  const words = readWords(args, { most: '40', pressure: '95' });
  const most = toCount(words.most);
  const env = { ORIEL_DRIVER: 'container', ORIEL_MAX_SESSIONS: String(most), ORIEL_CPU_PRESSURE_MOST: words.pressure };
  return withOriel(async (live) => {
    const layout = await readCgroupLayout();
    const desktops: Desktop[] = [];
    const before = parseAvailableMib(await readFile('/proc/meminfo', 'utf8'));
    try {
      const said = await fill(live, desktops, most);
      const use = await measureUse(live, layout, desktops);
      const after = parseAvailableMib(await readFile('/proc/meminfo', 'utf8'));
      return toReport(desktops.length, use, (before - after) / desktops.length, said, live.image);
    } finally {
      await Promise.all(desktops.map(({ sessionId }) => live.client.stop(sessionId)));
    }
  }, env);
}

/** What admission said to the one that it did not take, or that it took all that were asked for. */
async function fill(live: Live, desktops: Desktop[], most: number): Promise<string> {
  while (desktops.length < most) {
    try {
      const { sessionId } = await live.client.startSession({ userId: `density-${desktops.length}`, provider: 'desktop' });
      const desktop = { sessionId, machineId: '' };
      desktops.push(desktop);
      const { machine } = await waitForSession(live.client, sessionId, hasWindows, 120_000);
      desktop.machineId = machine!.machineId;
      console.log(`${desktops.length}: CPU pressure ${readCpuPressure()} %`);
      await sleep(REST_MS);
    } catch (error) {
      if (error instanceof OrielError && error.code === 'host_full') return error.message;
      throw error;
    }
  }
  return `all ${most} that were asked for were admitted`;
}

interface Use {
  /** Of each desktop: programs and shared memory. */
  mib: number[];
  /** Of each desktop, percent of one processor. */
  percent: number[];
  pressure: number;
}

async function measureUse({ oriel }: Live, layout: CgroupLayout, desktops: readonly Desktop[]): Promise<Use> {
  const groups = desktops.map(({ machineId }) => toFiles(layout, oriel.instance, machineId));
  const seconds = () => Promise.all(groups.map(({ cpu }) => readCpuSeconds(cpu)));
  const [before, started] = [await seconds(), performance.now()];
  await sleep(WATCH_SECONDS * 1000);
  const passed = (performance.now() - started) / 1000;
  const percent = (await seconds()).map((used, index) => ((used - before[index]!) * 100) / passed);
  const mib = await Promise.all(groups.map(async ({ memory }) => parseUsedMib(await readFile(memory, 'utf8'))));
  return { mib, percent, pressure: readCpuPressure() };
}

function toFiles(layout: CgroupLayout, instance: string, machineId: string): { cpu: string; memory: string } {
  const { members } = planCgroup(layout, instance, machineId, { memoryMib: 0, cpus: 0, pids: 0 });
  if (layout.version === 2) return { cpu: join(members, 'cpu.stat'), memory: join(members, 'memory.stat') };
  return {
    cpu: join(layout.v1.cpu!, instance, machineId, 'cgroup.procs'),
    memory: join(layout.v1.memory!, instance, machineId, 'memory.stat'),
  };
}

/** A v1 `cpu` tree counts nothing by itself: there the processes' own times are added up. */
async function readCpuSeconds(file: string): Promise<number> {
  const text = await readFile(file, 'utf8');
  if (file.endsWith('cpu.stat')) return Number(/^usage_usec (\d+)$/m.exec(text)![1]) / 1e6;
  const stats = await Promise.all(
    text
      .split('\n')
      .filter(Boolean)
      .map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')),
  );
  const ticks = stats.filter(Boolean).map((stat) => {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, one) => sum + one, 0) / 100;
}

function toReport(count: number, { mib, percent, pressure }: Use, hostMib: number, said: string, image: string): Report {
  return {
    rows: [
      { name: 'memory of a desktop, MiB', samples: mib },
      { name: 'processor of a desktop, % of one', samples: percent },
    ],
    facts: { image },
    lines: [
      `desktops side by side: ${count}`,
      `memory of the host that one more takes: ${Math.round(hostMib)} MiB`,
      `CPU pressure with all of them: ${pressure} %`,
      `admission said: ${said}`,
    ],
  };
}
