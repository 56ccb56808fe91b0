import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitForCounter } from '#test/counter';
import { Desk } from '#test/desk';
import { findInMachine } from '#test/machine';
import { readRssMib } from '#test/processes';
import { type Look, toFaults, toGrowth, toLimits } from './verdict.ts';

const USAGE = 'just test-soak MINUTES (a whole number above 0)\n';

const minutes = Number(process.argv[2] ?? '3');
/** Ten looks a minute at most. */
const LOOK_MS = 5_000;
/** Each so many looks something is typed. */
const TYPE_EVERY = 4;
/** After its windows are there, a desktop is busy with itself for a while. */
const SETTLE_MS = 15_000;

if (!Number.isInteger(minutes) || minutes < 1) {
  process.stdout.write(USAGE);
  process.exitCode = 2;
} else if (Object.keys(networkInterfaces()).length === 0) process.exitCode = await soak();
else process.exitCode = await enterAlone();

/** Where no packet can leave the machine. */
async function enterAlone(): Promise<number> {
  const again = [process.execPath, ...process.execArgv, import.meta.filename, ...process.argv.slice(2)];
  const child = spawn('unshare', ['--net', '--mount', '--propagation', 'private', '--', ...again], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** Looks at one desktop for so long, and says what was not as it should be. */
async function soak(): Promise<number> {
  const desk = new Desk();
  await desk.start();
  try {
    await sleep(SETTLE_MS);
    const looks = await lookOn(desk);
    const faults = toFaults(looks, toLimits(minutes));
    process.stdout.write(`${[...faults, toSummary(looks, faults.length)].join('\n')}\n`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await desk.stop();
  }
}

async function lookOn(desk: Desk): Promise<Look[]> {
  const [agent] = findInMachine(await desk.machineId(), '/usr/lib/oriel/agent.mjs');
  const controller = desk.oriel.pid;
  const looks: Look[] = [];
  const began = performance.now();
  for (let next = began; performance.now() - began < minutes * 60_000; await sleep(Math.max(0, (next += LOOK_MS) - performance.now()))) {
    const { ms: pictureMs } = await waitForCounter(desk.viewer, { timeoutMs: 60_000 });
    const typed = looks.length % TYPE_EVERY === 0 ? { typedMs: await desk.typeCommand(desk.viewer, 60_000) } : {};
    const [pictures, transport] = await Promise.all([desk.viewer.countPictures(), desk.viewer.transport()]);
    const memory = { agentMib: readRssMib(agent!), controllerMib: readRssMib(controller) };
    looks.push({ atS: Math.round((performance.now() - began) / 1000), pictureMs, ...typed, ...memory, pictures, transport });
  }
  return looks;
}

function toSummary(looks: readonly Look[], faults: number): string {
  const [first, last] = [looks[0]!, looks.at(-1)!];
  const toMost = (values: readonly number[]) => Math.round(Math.max(...values));
  const toMemory = (name: 'agentMib' | 'controllerMib') =>
    `${first[name].toFixed(1)} → ${last[name].toFixed(1)} MiB (${(toGrowth(looks, name) * 100).toFixed(1)} %)`;
  return [
    `${minutes} minutes, ${looks.length} looks: ${faults === 0 ? 'all well' : `${faults} faults`}`,
    `picture at most ${toMost(looks.map(({ pictureMs }) => pictureMs))} ms, typing at most ${toMost(looks.map(({ typedMs = 0 }) => typedMs))} ms`,
    `agent ${toMemory('agentMib')}, controller ${toMemory('controllerMib')}`,
  ].join('\n');
}
