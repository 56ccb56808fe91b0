import { relative } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { makeInternet } from '#test/internet';
import { readMachine } from './kit/facts.ts';
import { printReport, writeReport, type Report } from './kit/report.ts';

/** What can be measured: a file beside this one, each with `run(args)`. */
const BENCHES: Record<string, string> = {
  image: 'a build of the image from nothing, with a changed file, with one package more, with nothing changed',
  'session-start': 'POST /api/auth/start → first frame → terminal → Chromium; `--warm`: on machines that were ready',
  network: 'a scrolling page through slow, lossy and changing links: pauses, delay, queue, share of the link; noVNC beside it',
  stream: 'a desktop at rest, a page that scrolls, a film, text that comes to rest: processor, rate, likeness to what the desktop has',
  latency: 'click → changed pixel, WebRTC against noVNC on the same desktop',
  audio: 'start of the sound server, what it and the agent use with and without a listener, delay of a click',
  boot: 'process start → init → X → terminal → Chromium, per driver',
  clone: 'what a clone costs before it boots: time, disk, processes',
  store: 'what a commit costs that survives loss of power, against one that need not; a backup under load',
  connects: 'many connects in a row, a fresh page each',
  api: 'a thousand live sessions on fake machines: status, signalling, starts, memory',
  density: 'desktops side by side until admission refuses one',
  lean: 'lines of code, dependencies, memory and time of a start, against the budget',
};

/** These ask the host's own mirror, and no desktop runs in them. */
const ON_HOST_NETWORK = ['image', 'store'];

/** Load of the minute before, above which it is said. */
const QUIET_LOAD = 0.5;

const [name = '', ...args] = process.argv.slice(2);
if (Object.hasOwn(BENCHES, name)) process.exitCode = isAlone() || ON_HOST_NETWORK.includes(name) ? await measure() : await enterAlone();
else process.exitCode = showNames();

/** Measured where nothing else is: network and mounts of its own, so that no packet leaves this machine. */
async function enterAlone(): Promise<number> {
  const again = [process.execPath, ...process.execArgv, import.meta.filename, name, ...args];
  const child = spawn('unshare', ['--net', '--mount', '--propagation', 'private', '--', ...again], { stdio: 'inherit' });
  // The child takes itself down at these; this process waits for it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

async function measure(): Promise<number> {
  const machine = readMachine();
  if (machine.load > QUIET_LOAD)
    console.error(`something else runs on this machine (load ${machine.load}): the numbers will not be a quiet machine's`);
  if (isAlone()) makeInternet();
  const { run } = (await import(`./${name}.ts`)) as { run: (args: string[]) => Promise<Report> };
  const report = await run(args);
  printReport(report);
  console.log(`\nwritten: ${relative(process.cwd(), await writeReport([name, ...args], machine, report))}`);
  return 0;
}

function isAlone(): boolean {
  return Object.keys(networkInterfaces()).length === 0;
}

function showNames(): number {
  if (name) console.error(`there is no bench of the name ${name}`);
  console.log(
    `just bench NAME [args]\n\n${Object.entries(BENCHES)
      .map(([bench, what]) => `  ${bench.padEnd(14)} ${what}`)
      .join('\n')}`,
  );
  return name ? 2 : 0;
}
