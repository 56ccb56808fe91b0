import { FakeMachinesController } from './kit/fake-controller.ts';
import { readRssMib, readCpuSeconds } from './kit/process-use.ts';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const [args, env] = [process.argv[2]!.split(' ').filter(Boolean), JSON.parse(process.argv[3] ?? '{}')];
const t = performance.now();
const c = new FakeMachinesController(env, args, () => {});
await c.serving();
const ms = performance.now() - t;
const cpu = readCpuSeconds(c.pid);
await sleep(3000);
console.log(
  process.argv[2],
  process.argv[3],
  Math.round(ms),
  'ms; cpu',
  cpu,
  'rss',
  readRssMib(c.pid).toFixed(0),
  readFileSync(`/proc/${c.pid}/smaps_rollup`, 'utf8')
    .match(/(Pss|Private_Dirty|Anonymous): +\d+/g)!
    .join(' '),
);
await c.stop();
