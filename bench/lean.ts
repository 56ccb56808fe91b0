import { setTimeout as sleep } from 'node:timers/promises';
import { bundleFakeMachines, FakeMachinesController } from './kit/fake-controller.ts';
import { readRssMib, watchCpu } from './kit/process-use.ts';
import type { Report } from './kit/report.ts';
import { toSummary } from './kit/stats.ts';
import { readWords, toCount } from './kit/words.ts';
import { countLines } from './lean/lines.ts';
import { listProduction, measureDependencies, OF_THE_CONTROLLER } from './lean/dependencies.ts';

/** What the team keeps. Whoever goes beyond says in the change why it is worth it. */
// 12,000 lines until there were keys with owners, a pool of upstreams and sign-ins: 4,000 more. TURN's credentials, draining, a change of the
// sealing key, a trusted proxy and a clipboard with a policy: 500 more. Screenshots, turns and a watermark: 300 more.
const BUDGET = { lines: 16_800, dependencies: 110, dependenciesMib: 25, idleRssMib: 90, idlePercent: 2, startMs: 500 };
const SETTLE_MS = 5_000;
const IDLE_SECONDS = 10;

/** `--n 10` starts. Start-up is counted from the process's start to the moment at which it serves, with an egress process that is new each time. */
export async function run(args: string[]): Promise<Report> {
  const { n } = readWords(args, { n: '10' });
  const lines = countLines();
  const all = Object.values(lines).reduce((sum, count) => sum + count, 0);
  const needed = measureDependencies(OF_THE_CONTROLLER);
  const program = await bundleFakeMachines();
  const starts: number[] = [];
  for (let count = 0; count < toCount(n); count++) starts.push(await measureStart(program));
  const idle = await measureIdle(program);
  const verdict = (name: string, value: number, limit: number, unit = '') =>
    `${name}: ${Math.round(value * 10) / 10}${unit}, budget ${limit}${unit}: ${value <= limit ? 'kept' : 'EXCEEDED'}`;
  return {
    rows: [{ name: 'process start → serves', samples: starts }],
    facts: { lines, dependencies: { controller: needed, all: measureDependencies(listProduction()) } },
    lines: [
      verdict('lines of code of the controller', all, BUDGET.lines),
      verdict('packages that the controller runs with', needed.count, BUDGET.dependencies),
      verdict('their size', needed.mib, BUDGET.dependenciesMib, ' MiB'),
      verdict('memory without a session', idle.rssMib, BUDGET.idleRssMib, ' MiB'),
      verdict('processor without a session', idle.percent, BUDGET.idlePercent, ' %'),
      verdict('start-up, median', toSummary(starts).median, BUDGET.startMs, ' ms'),
    ],
  };
}

async function measureStart(program: string): Promise<number> {
  const started = performance.now();
  const controller = new FakeMachinesController(program, {}, [], () => {});
  try {
    await controller.serving();
    return performance.now() - started;
  } finally {
    await controller.stop();
  }
}

async function measureIdle(program: string): Promise<{ rssMib: number; percent: number }> {
  const controller = new FakeMachinesController(program, {}, [], () => {});
  try {
    await controller.serving();
    await sleep(SETTLE_MS);
    return { rssMib: readRssMib(controller.pid), percent: await watchCpu(controller.pid, IDLE_SECONDS) };
  } finally {
    await controller.stop();
  }
}
