import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** The host's pid of the one process in a clone whose command line fits; throws when there is none, or more than one. */
export function findInClone(instance: string, slot: number, commandLine: RegExp): number {
  // The namespace's file is a mount of the test's own; its inode is what /proc names it by.
  const netns = `net:[${statSync(`/run/netns/${instance}-g${slot}`).ino}]`;
  const found = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isIt(pid, netns, commandLine));
  if (found.length !== 1) throw new Error(`${commandLine}: ${found.length} processes in clone ${slot}`);
  return Number(found[0]);
}

function isIt(pid: string, netns: string, commandLine: RegExp): boolean {
  try {
    return (
      readlinkSync(`/proc/${pid}/ns/net`) === netns && commandLine.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '))
    );
  } catch {
    return false; // it ended meanwhile
  }
}

/** Memory that a process holds, MiB. */
export function readRssMib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

/** Whether a process that lives is in the test's own network namespace, or in the control group of one of its machines. */
export function isOfTest(pid: number, instance: string): boolean {
  try {
    const isNear = readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net');
    return isNear || new RegExp(`/${instance}(\\.slice)?/`).test(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
  } catch {
    return false;
  }
}

/** Sends a signal, or none (0). False when the process has ended, waited for or not. */
export function tryKill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Whether a process is the first of a pid namespace of its own. */
export function isFirstInNamespace(pid: number): boolean {
  return /^NSpid:.*\t1$/m.test(readOr(pid, 'status'));
}

/** What a process is and what it waits for, in one line: for errors. */
export function describeProcess(pid: number): string {
  const state = /^State:\s+(.*)$/m.exec(readOr(pid, 'status'))?.[1] ?? 'gone';
  return `${pid} ${readOr(pid, 'cmdline').replaceAll('\0', ' ').slice(0, 120)} (${state}, ${readOr(pid, 'wchan')})`;
}

/** Empty for a process that has ended meanwhile. */
function readOr(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
