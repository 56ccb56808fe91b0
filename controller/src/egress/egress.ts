import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isAlive, readStartTime, signalProcess, type ProcessId } from '../host/process.ts';
import { COMMAND_ENV } from '../host/run.ts';
import { planScope, readSystemdVersion } from '../host/systemd.ts';
import type { Slot } from '../net/slot.ts';
import { toOwnProgram } from '../own-file.ts';
import { createControlClient, EgressFailed } from './control-client.ts';
import { EGRESS_PROTOCOL, SOCKET_NAME, type OpenSlot, type Probe, type Probed, type SlotCounts, type State } from './control-protocol.ts';
import { toTotals, type EgressTotals } from './totals.ts';

export interface EgressOptions {
  /** Directory of the control socket and the process's log. */
  runDir: string;
  log: Logger;
  /** Name of the slice that it gets a unit of its own in, under systemd. */
  slice?: string;
  /** Who the process becomes; nobody (65534) unless told. */
  user?: { uid: number; gid: number };
}

/** Whose way out it is, where it leads, and what may go by it. */
export type EgressLease = Pick<OpenSlot, 'machineId' | 'way' | 'rules' | 'limits'>;

export interface Egress {
  pid: number;
  /** Whether it was running already, with whatever slots it had open. */
  adopted: boolean;
  /** Opens the slot's proxy for this lease. The same lease again leaves its connections alone; another one ends them. */
  open(slot: Slot, lease: EgressLease): Promise<void>;
  /** Ends everything of the slot; resolves when nothing of it is left. No error when it was not open. */
  close(slot: Slot): Promise<SlotCounts | undefined>;
  /** What went through each open slot, by its index. */
  counts(): Promise<State['slots']>;
  /** What went through all of them, and those that are closed, since the process began. */
  totals(): Promise<EgressTotals>;
  /** Tries a way. */
  probe(probe: Probe): Promise<Probed>;
  /** Ends the process. */
  stop(): Promise<void>;
  /** Resolves when the process is gone, by `stop` or by itself. */
  exited: Promise<void>;
}

const MAIN = toOwnProgram('egress/main');
const LOG_NAME = 'egress.log';
/** A busy host of emulated processors takes seven seconds. */
const START_MS = 20_000;
const STOP_MS = 3_000;

/**
 * The egress process: the one that runs already, or a new one. It lives in a session of its own and goes on when the
 * controller ends; only `stop` ends it. Throws EgressFailed.
 */
export async function startEgress(options: EgressOptions): Promise<Egress> {
  const { runDir, log } = options;
  await mkdir(runDir, { recursive: true, mode: 0o711 });
  const client = createControlClient(join(runDir, SOCKET_NAME));
  const found = await client.state();
  const adopted = found?.protocol === EGRESS_PROTOCOL;
  if (found && !adopted) await end(client, await toId(found), runDir);
  const state = adopted ? found : await start(options, client);
  const id = await toId(state);
  const exited = client.gone({ ref: false });
  log.info({ egress: state.pid, slots: Object.keys(state.slots).length }, adopted ? 'egress process adopted' : 'egress process started');
  return {
    pid: state.pid,
    adopted,
    exited,
    open: ({ index, hostAddress, routerAddress }, lease) => client.open({ index, hostAddress, routerAddress, ...lease }),
    close: ({ index }) => client.close(index),
    counts: async () => (await client.state())?.slots ?? {},
    totals: async () => toTotals((await client.state()) ?? { slots: {} }),
    probe: (body) => client.probe(body),
    stop: () => end(client, id, runDir),
  };
}

async function start(options: EgressOptions, client: Client): Promise<State> {
  const { runDir } = options;
  await rm(join(runDir, SOCKET_NAME), { force: true });
  const path = join(runDir, LOG_NAME);
  const before = await readFile(path).catch(() => Buffer.alloc(0));
  const child = launch(options, await planUnit(options));
  for (const until = performance.now() + START_MS; performance.now() < until; await sleep(10)) {
    const state = await client.state().catch(() => undefined);
    if (state) return state;
    if (child.exitCode !== null || child.signalCode !== null) break;
  }
  child.kill('SIGKILL');
  const said = await readFile(path).catch(() => before);
  throw new EgressFailed(
    `egress process did not start: ${said.subarray(before.length).toString().trim().slice(-1000) || 'it said nothing'}`,
  );
}

/** With the controller's own unit it would end. One that has just ended may still be known by its name: each has its own. */
async function planUnit({ slice }: EgressOptions): Promise<string[]> {
  if (slice === undefined || (await readSystemdVersion()) === undefined) return [];
  return planScope({
    name: `${parse(slice).name}-egress-${randomBytes(4).toString('hex')}`,
    slice,
    description: 'Egress process of Oriel',
  });
}

function launch({ runDir, user }: EgressOptions, unit: readonly string[]): ChildProcess {
  // Appending: what one that died said last is there still. The process keeps it from growing, for which it has to read it.
  const log = openSync(join(runDir, LOG_NAME), 'a+', 0o600);
  const { NODE_EXTRA_CA_CERTS, NODE_COMPILE_CACHE } = process.env;
  const [command, ...args] = [...unit, process.execPath, '--disable-warning=ExperimentalWarning', MAIN];
  const child = spawn(command!, args, {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      ...COMMAND_ENV,
      ORIEL_EGRESS_SOCKET: join(runDir, SOCKET_NAME),
      ...(user && { ORIEL_EGRESS_UID: String(user.uid), ORIEL_EGRESS_GID: String(user.gid) }),
      ...(NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS }),
      ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
      // Names are resolved in Node's thread pool: one clone's slow names must not be everybody's.
      UV_THREADPOOL_SIZE: '32',
    },
  });
  closeSync(log);
  child.unref();
  return child;
}

async function end(client: Client, id: ProcessId, runDir: string): Promise<void> {
  const gone = client.gone({ ref: true });
  await client.stop().catch(() => {});
  const timer = new AbortController();
  const late = sleep(STOP_MS, true, { signal: timer.signal }).catch(() => false);
  if (await Promise.race([gone.then(() => false), late])) await signalProcess(id, 'SIGKILL');
  timer.abort();
  await gone;
  // Its sockets are closed a moment before it is gone.
  for (const until = performance.now() + STOP_MS; (await isAlive(id)) && performance.now() < until;) await sleep(5);
  await rm(join(runDir, SOCKET_NAME), { force: true });
}

async function toId({ pid }: State): Promise<ProcessId> {
  const startTime = await readStartTime(pid);
  if (startTime === undefined) throw new EgressFailed('egress process ended as soon as it was found');
  return { pid, startTime };
}

type Client = ReturnType<typeof createControlClient>;
