import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { planCgroup } from '../../controller/src/machines/shim/cgroup-plan.ts';
import { readCgroupLayout } from '../../controller/src/machines/shim/cgroup.ts';
import type { Live } from './live.ts';

export interface ProgramOptions {
  /** `vnc`: group 990 beside the desktop's user, as the image's own x11vnc has it, or X does not take its shared memory. */
  as?: 'desktop' | 'vnc';
  /** Given to its standard input, which is then at its end; else that stays open and its end is the program's. */
  input?: Buffer;
}

const IDS = { desktop: '1000', vnc: '990' };
const ENV = [
  ...['DISPLAY=:0', 'XAUTHORITY=/run/user/1000/xauthority', 'XDG_RUNTIME_DIR=/run/user/1000'],
  ...['HOME=/home/desktop', 'USER=desktop', 'PATH=/usr/local/bin:/usr/bin:/bin'],
];
/** Joins the groups named before `--`: what runs in the clone is weighed and limited as the clone is. */
const JOIN = 'while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs"; shift; done; shift; exec "$@"';
/**
 * Runs a program for as long as its own standard input is open: so it ends with the bench, however that ends. Killed, as x11vnc
 * now and then waits for itself for ever when it is asked to end.
 */
const WHILE_OPEN = '"$@" </dev/null & read -r _; kill -9 $! 2>/dev/null; wait';

/** A machine of the container driver, from inside: starts programs in it, sees its files. */
export class Clone {
  readonly #pid: number;
  readonly #groups: string[];

  private constructor(pid: number, groups: string[]) {
    this.#pid = pid;
    this.#groups = groups;
  }

  static async find({ oriel, client }: Live, sessionId: string): Promise<Clone> {
    const { machine } = await client.getSession(sessionId);
    if (machine?.driver !== 'container') throw new Error(`the driver is ${machine?.driver}: programs can be started in containers only`);
    const pid = await readFile(join(oriel.dir, 'data/machines', machine.machineId, 'bundle/pid'), 'utf8');
    const layout = await readCgroupLayout();
    const { groups, members } = planCgroup(layout, oriel.instance, machine.machineId, { memoryMib: 0, cpus: 0, pids: 0 });
    return new Clone(Number(pid), groups.length > 0 ? groups : [members]);
  }

  /** Where the host sees a file of the clone. */
  path(inside: string): string {
    return `/proc/${this.#pid}/root${inside}`;
  }

  /** When the machine's marks begin, in seconds of the host's uptime: good to 10 ms. */
  async bootedAt(): Promise<number> {
    return Number.parseFloat(await readFile(this.path('/run/oriel/booted'), 'utf8'));
  }

  /** The host's pid of the one process in it whose command line fits; throws when there is none, or more than one. */
  async findProcess(commandLine: RegExp): Promise<number> {
    const namespace = await readlink(`/proc/${this.#pid}/ns/pid`);
    const isIt = async (pid: string) =>
      (await readlink(`/proc/${pid}/ns/pid`)) === namespace && commandLine.test(await readFile(`/proc/${pid}/cmdline`, 'utf8'));
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    // What ends meanwhile was not it.
    const fits = await Promise.all(pids.map((pid) => isIt(pid).catch(() => false)));
    const found = pids.filter((_, index) => fits[index]);
    if (found.length !== 1) throw new Error(`${commandLine}: ${found.length} processes in the clone`);
    return Number(found[0]);
  }

  /** Copies a program in. By the desktop's own user: the host's ids do not exist there. */
  async copyIn(path: string, inside: string): Promise<void> {
    const program = this.#spawn(['sh', '-c', `cat >${inside} && chmod 755 ${inside}`], { input: await readFile(path) });
    const [code] = (await once(program, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`${inside}: could not be written in the clone (exit code ${code})`);
  }

  /** Starts a program that lives until it is stopped. */
  start(argv: readonly string[], options: ProgramOptions = {}): CloneProgram {
    return new CloneProgram(argv[0]!, this.#spawn(['sh', '-c', WHILE_OPEN, 'sh', ...argv], options));
  }

  #spawn(argv: readonly string[], { as = 'desktop', input }: ProgramOptions): ChildProcess {
    const enter = ['nsenter', `--target=${this.#pid}`, '--user', '--mount', '--pid', '--ipc', '--uts', '--net'];
    const user = ['--setuid=1000', `--setgid=${IDS[as]}`];
    const child = spawn('sh', ['-c', JOIN, 'sh', ...this.#groups, '--', ...enter, ...user, '--', 'env', '-i', ...ENV, ...argv], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => {}); // its exit tells
    if (input) child.stdin.end(input);
    return child;
  }
}

/** A program in a clone; what it prints is kept. */
export class CloneProgram {
  readonly lines: string[] = [];
  readonly #name: string;
  readonly #child: ChildProcess;
  #said = '';

  constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    createInterface(child.stdout!).on('line', (line) => this.lines.push(line));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#said = `${this.#said}${text}`.slice(-2000)));
  }

  /** Waits until it holds. Throws with the program's own words when it ends before, or after `timeoutMs`. */
  async waitUntil(what: string, holds: () => boolean, timeoutMs = 10_000): Promise<void> {
    for (const until = Date.now() + timeoutMs; !holds(); await sleep(10)) {
      if (this.#child.exitCode !== null) throw new Error(`${this.#name} ended (exit code ${this.#child.exitCode}): ${this.#said.trim()}`);
      if (Date.now() > until) throw new Error(`${this.#name}: no ${what} after ${timeoutMs} ms: ${this.#said.trim()}`);
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin!.end();
    await ended;
  }
}
