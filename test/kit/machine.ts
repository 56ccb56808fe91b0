import { readdirSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A service that ends again within ten seconds is started more slowly, as one that keeps dying should be; s6 counts whole seconds. */
const SETTLED_MS = 11_500;

/** kill -9. */
export function killAgent(machineId: string): void {
  process.kill(findAgent(machineId), 'SIGKILL');
}

/** Resolves when the agent has lived so long that its end counts as an accident. */
export async function untilAgentIsSettled(machineId: string): Promise<void> {
  const agent = findAgent(machineId);
  while (Date.now() - statSync(`/proc/${agent}`).ctimeMs < SETTLED_MS) await sleep(100);
}

function findAgent(machineId: string): number {
  const [agent, ...more] = findInMachine(machineId, '/usr/lib/oriel/agent.mjs');
  if (agent === undefined || more.length > 0) throw new Error(`agents of ${machineId}: ${[agent, ...more].join(', ')}`);
  return agent;
}

/** Host pids of the processes of a machine whose command line has a word: found by its control group, as the machine's own are the machine's. */
export function findInMachine(machineId: string, word: string): number[] {
  return listInMachine(machineId).filter((pid) => read(pid, 'cmdline').split('\0').includes(word));
}

/** Host pids of all that lives in a machine, its shim included. */
export function listInMachine(machineId: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(name, 'cgroup').includes(machineId) && read(name, 'cmdline') !== '')
    .map(Number);
}

/** Empty for a process that has ended meanwhile. */
function read(pid: string | number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
