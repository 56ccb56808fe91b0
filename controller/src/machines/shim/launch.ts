import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { at } from '../../fault-point.ts';
import { COMMAND_ENV } from '../../host/run.ts';
import { within } from '../../host/within.ts';
import type { MachineSpec } from '../driver.ts';
import { toShimPaths } from './paths.ts';

/** Descriptor on which conmon tells what became of `create`. */
const SYNC_FD = 3;

/**
 * argv of a machine's shim. conmon outlives the controller, keeps the console (a new file when `maxBytes` are reached) and, at
 * the end, the exit code; and it ends a machine that has lived too long. `runtime` is what makes the machine's first process: it is called with `runtimeArgs` and then
 * `create --bundle DIR --pid-file FILE ID`.
 */
export function planShim(
  { machineId, runDir, console, lifetimeS }: MachineSpec,
  runtime: string,
  runtimeArgs: readonly string[],
): string[] {
  const paths = toShimPaths(runDir, machineId);
  return [
    'conmon',
    '--api-version=1',
    `--cid=${machineId}`,
    `--cuuid=${machineId}`,
    `--name=${machineId}`,
    `--runtime=${runtime}`,
    ...runtimeArgs.map((option) => `--runtime-arg=${option}`),
    `--bundle=${paths.bundle}`,
    '--full-attach',
    `--container-pidfile=${paths.pidFile}`,
    `--exit-dir=${paths.exitDir}`,
    `--log-path=k8s-file:${console.path}`,
    `--log-size-max=${console.maxBytes}`,
    '--log-level=warning',
    ...(lifetimeS === undefined ? [] : [`--timeout=${lifetimeS}`]),
  ];
}

/**
 * Runs a planned launch; resolves with the pid of the machine's first process. The launch waits for a line that says
 * that its network is there, and has `timeoutMs` from then on.
 */
export async function launch(
  argv: readonly string[],
  launchLog: string,
  timeoutMs: number,
  signal: AbortSignal,
  network: Promise<void> = Promise.resolve(),
): Promise<number> {
  let limit = signal;
  const child = spawn(argv[0]!, argv.slice(1), {
    cwd: '/',
    env: { ...COMMAND_ENV, _OCI_SYNCPIPE: String(SYNC_FD) },
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    // A session of its own: a Ctrl-C meant for the controller does not reach the machine.
    detached: true,
  });
  const exited = once(child, 'exit');
  at('machine begun');
  const report = Promise.all([readLine(child.stdio[SYNC_FD] as Readable), readText(child.stderr!), exited]);
  try {
    await within(signal, Promise.race([network, report]));
    limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    // One that has failed already reads no more.
    child.stdin!.on('error', () => {}).end('\n');
    const [said, stderr] = await within(limit, report);
    return toPid(said) ?? (await fail(said, stderr, launchLog));
  } catch (error) {
    if (!limit.aborted) throw error;
    throw new Error(signal.aborted ? 'given up' : `its first process was not there after ${timeoutMs} ms`, { cause: error });
  } finally {
    report.catch(() => {});
    await release(child, exited);
  }
}
/** conmon's report, a JSON line: `{"data": 4711}`, or `{"data": -1, "message": "…"}`. */
export function toPid(said: string): number | undefined {
  const { data } = parse(said);
  return typeof data === 'number' && data > 0 ? data : undefined;
}

async function fail(said: string, stderr: string, launchLog: string): Promise<never> {
  const log = await readFile(launchLog, 'utf8').catch(() => '');
  const words = [parse(said).message, stderr, log].map((text) => text?.trim()).filter(Boolean);
  throw new Error(words.join('; ') || 'the shim ended without a word');
}

function parse(said: string): { data?: number; message?: string } {
  try {
    return JSON.parse(said) as { data?: number; message?: string };
  } catch {
    return {};
  }
}

/** The shim keeps its end open: the line is all that comes. */
async function readLine(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    text += chunk as string;
    if (text.includes('\n')) break;
  }
  return text;
}

async function readText(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk as string;
  return text;
}

/** The script that still waits for something is ended; the shim, once it is there, is a process of its own. */
async function release(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  for (const stream of child.stdio) stream?.destroy();
  await exited.catch(() => {});
}
