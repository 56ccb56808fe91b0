import { existsSync } from 'node:fs';
import type { Host } from './host.ts';
import { VM_PACKAGES, PACKAGES } from './packages.ts';

/** RestartSteps in the unit; a scope's end by cgroup.kill. */
const LEAST_SYSTEMD = 254;
const INSTALL_MS = 600_000;

/** A host that cannot be what it must; `problems` has a sentence for each reason. */
export class HostUnfit extends Error {
  override readonly name = 'HostUnfit';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`this host is not fit:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Throws HostUnfit with everything that is wrong, before anything is changed; then installs the packages that are missing. `driver`: what machines are made with. */
export async function readyHost(host: Host, driver: string, root = '/'): Promise<void> {
  const problems = [...(await findSystemdProblems(host)), ...(await findCgroupProblems(root))];
  if (problems.length > 0) throw new HostUnfit(problems);
  const wanted = { ...PACKAGES, ...(driver === 'container' || !existsSync(`${root}dev/kvm`) ? {} : VM_PACKAGES) };
  const missing = await findMissing(host, wanted);
  if (missing.length === 0) return;
  host.say(`packages that are missing: ${missing.join(' ')}`);
  if ((await host.run(['which', 'apt-get'])).code !== 0)
    throw new HostUnfit([`install these with this system's package manager: ${missing.join(' ')}`]);
  for (const argv of [
    ['apt-get', '-qq', 'update'],
    ['apt-get', '-qq', 'install', '--yes', '--no-install-recommends', ...missing],
  ]) {
    const { code, stderr } = await host.run(argv, INSTALL_MS);
    if (code !== 0)
      throw new HostUnfit([`${argv.slice(0, 3).join(' ')} ended with ${code}: ${stderr.trim().split('\n').slice(-3).join(' ')}`]);
  }
}

async function findSystemdProblems(host: Host): Promise<string[]> {
  const { code, stdout } = await host.run(['systemctl', '--version']);
  const version = Number(/^systemd (\d+)/.exec(stdout)?.[1] ?? NaN);
  if (code !== 0 || Number.isNaN(version)) return ['systemd does not run here: Oriel is a unit of it, and so is each machine'];
  return version >= LEAST_SYSTEMD ? [] : [`systemd is ${version}, ${LEAST_SYSTEMD} or later is wanted (Debian 13, Ubuntu 24.04)`];
}

async function findCgroupProblems(root: string): Promise<string[]> {
  if (existsSync(`${root}sys/fs/cgroup/cgroup.controllers`)) return [];
  return ['control groups are of version 1: boot without systemd.unified_cgroup_hierarchy=0'];
}

async function findMissing(host: Host, wanted: Readonly<Record<string, string>>): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(wanted).map(async ([program, name]) => ((await host.run(['which', program])).code === 0 ? [] : [name])),
  );
  return [...new Set(found.flat())];
}
