import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Config } from '../config.ts';
import { readMounts } from '../host/mounts.ts';
import { run } from '../host/run.ts';
import { INNER_GROUP, NO_LIMITS, planCgroup, toMachineId as toMachineOfGroup } from '../machines/shim/cgroup-plan.ts';
import { readCgroupLayout } from '../machines/shim/cgroup.ts';
import { parseInterfaces } from '../net/clone-network.ts';
import type { Trace } from './trace.ts';

export type Instance = Pick<Config, 'instance' | 'dataDir' | 'runDir'>;

const MACHINE_ID = /^m-[a-z2-7]{12}$/;

/**
 * All that this instance has on the host, by the kernel's own word. Throws when something cannot be listed: an empty list would say that
 * nothing is left. `allProcesses` also looks for processes that have left their group, which reads each command line of the host.
 */
export async function takeCensus(instance: Instance, { allProcesses = false } = {}): Promise<Trace[]> {
  const parts = await Promise.all([
    findNamespaces(instance),
    findLinks(instance),
    findTable(instance),
    findGroups(instance),
    findMounts(instance),
    findDirectories(instance),
    findSockets(instance),
    allProcesses ? findProcesses(instance) : [],
  ]);
  return unique(parts.flat());
}

async function findNamespaces({ instance }: Instance): Promise<Trace[]> {
  const pattern = new RegExp(`^${instance}-[rg](\\d+)$`);
  return (await list('/run/netns')).flatMap((name) => toSlotTrace('namespace', name, pattern));
}

async function findLinks({ instance }: Instance): Promise<Trace[]> {
  const pattern = new RegExp(`^${instance}-h(\\d+)$`);
  const names = parseInterfaces(await readFile('/proc/self/net/dev', 'utf8'));
  return names.flatMap((name) => toSlotTrace('link', name, pattern));
}

async function findTable({ instance }: Instance): Promise<Trace[]> {
  const tables = (await run(['nft', 'list', 'tables'])).split('\n');
  return tables.includes(`table inet ${instance}`) ? [{ kind: 'firewall table', name: `inet ${instance}`, of: 'instance' }] : [];
}

/** Groups of machines, and who is in them: nothing else ever joins one. */
async function findGroups({ instance }: Instance): Promise<Trace[]> {
  const { parents } = planCgroup(await readCgroupLayout(), instance, '', NO_LIMITS);
  const groups = (await Promise.all(parents.map(async (dir) => (await list(dir)).map((name) => join(dir, name))))).flat();
  return (await Promise.all(groups.map((path) => toGroupTraces(path, toMachineOfGroup(basename(path)))))).flat();
}

async function toGroupTraces(path: string, machineId: string | undefined): Promise<Trace[]> {
  if (machineId === undefined) return [];
  const members = [path, join(path, INNER_GROUP)].map(
    async (group) => (await readFile(join(group, 'cgroup.procs'), 'utf8').catch(ignoreGone)) ?? '',
  );
  const processes = (await Promise.all(members)).join('').split('\n').filter(Boolean);
  return [{ kind: 'control group', name: path, of: { machineId } }, ...processes.map((pid) => toProcess(pid, machineId))];
}

async function findMounts({ dataDir, runDir }: Instance): Promise<Trace[]> {
  return (await readMounts()).flatMap(({ path }): Trace[] => {
    const machineId = toMachineId(path, dataDir);
    if (machineId) return [{ kind: 'mount', name: path, of: { machineId } }];
    return path.startsWith(`${runDir}/`) ? [{ kind: 'mount', name: path, of: 'instance' }] : [];
  });
}

/** Of machines, and what crun knows of them. */
async function findDirectories({ dataDir, runDir }: Instance): Promise<Trace[]> {
  const dirs = [join(dataDir, 'machines'), join(runDir, 'crun')];
  const found = await Promise.all(
    dirs.map(async (dir) => (await list(dir)).filter(isMachineId).map((id) => ({ path: join(dir, id), id }))),
  );
  return found.flat().map(({ path, id }) => ({ kind: 'directory', name: path, of: { machineId: id } }));
}

async function findSockets({ runDir }: Instance): Promise<Trace[]> {
  const names = (await list(runDir)).filter((name) => name.endsWith('.sock'));
  return names.map((name) => ({ kind: 'socket', name: join(runDir, name), of: 'instance' }));
}

async function findProcesses({ dataDir, runDir }: Instance): Promise<Trace[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const traces = await Promise.all(
    pids.map(async (pid): Promise<Trace[]> => {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(ignoreGone)) ?? '';
      const machineId = toMachineId(words, dataDir);
      if (machineId) return [toProcess(pid, machineId)];
      const environment = words.includes('/egress/main.') ? await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '') : '';
      return environment.includes(`ORIEL_EGRESS_SOCKET=${runDir}/`) ? [{ kind: 'process', name: `${pid} (egress)`, of: 'instance' }] : [];
    }),
  );
  return traces.flat();
}

function toProcess(pid: string, machineId: string): Trace {
  return { kind: 'process', name: `${pid} (of ${machineId})`, of: { machineId } };
}

function toSlotTrace(kind: Trace['kind'], name: string, pattern: RegExp): Trace[] {
  const slot = pattern.exec(name)?.[1];
  return slot === undefined ? [] : [{ kind, name, of: { slot: Number(slot) } }];
}

/** The machine whose directory is in a text. */
function toMachineId(text: string, dataDir: string): string | undefined {
  const [, rest] = text.split(`${join(dataDir, 'machines')}/`);
  const id = rest?.slice(0, 14);
  return id !== undefined && isMachineId(id) ? id : undefined;
}

function isMachineId(name: string): boolean {
  return MACHINE_ID.test(name);
}

/** Names in a directory; none where there is no such directory. */
async function list(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(ignoreGone)) ?? [];
}

function ignoreGone(error: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'ENODEV', 'ESRCH'].includes(error.code ?? '')) throw error;
}

/** On hosts with a tree for each controller a process is in several groups. */
function unique(traces: Trace[]): Trace[] {
  return [...new Map(traces.map((trace) => [`${trace.kind} ${trace.name}`, trace])).values()];
}
