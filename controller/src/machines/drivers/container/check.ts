import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findCommand } from '../../../host/find-command.ts';
import { readMounts } from '../../../host/mounts.ts';
import { run } from '../../../host/run.ts';
import type { DriverCheck } from '../../driver.ts';
import { toCgroupLayout } from './cgroup-plan.ts';

/** Command → Debian package that has it. */
const COMMANDS = {
  crun: 'crun',
  conmon: 'conmon',
  nft: 'nftables',
  ip: 'iproute2',
  mount: 'mount',
  unshare: 'util-linux',
  nsenter: 'util-linux',
};

/** Facts about the host, as they were read; kept apart from their judgement so that this can be tested. */
export interface HostFacts {
  isRoot: boolean;
  missingCommands: string[];
  /** Contents of sysctl files by path below /proc/sys; undefined when the kernel has none such. */
  sysctls: Record<string, string | undefined>;
  fileSystems: string[];
  hasLoopDevices: boolean;
  /** Why limits cannot be set, in words. */
  cgroupProblem: string | undefined;
}

const SYSCTLS = ['user/max_user_namespaces', 'kernel/apparmor_restrict_unprivileged_userns', 'kernel/unprivileged_userns_clone'];
const FILE_SYSTEMS = ['erofs', 'overlay'];

/** What this host lacks for containers. */
export async function checkHost(): Promise<DriverCheck> {
  const missing = toMissing(await readFacts());
  return { ok: missing.length === 0, missing };
}

/** Each thing that is missing, in words, with how to get it. */
export function toMissing(facts: HostFacts): string[] {
  const { sysctls } = facts;
  const packages = [...new Set(facts.missingCommands.map((name) => COMMANDS[name as keyof typeof COMMANDS]))];
  return [
    ...(facts.isRoot ? [] : ['root: namespaces and mounts are made for each machine; run as root']),
    ...(packages.length === 0 ? [] : [`${facts.missingCommands.join(', ')}: apt-get install ${packages.join(' ')}`]),
    ...(sysctls['user/max_user_namespaces'] === '0' ? ['user namespaces: sysctl -w user.max_user_namespaces=15000'] : []),
    ...(sysctls['kernel/unprivileged_userns_clone'] === '0'
      ? ["user namespaces for Chromium's sandbox: sysctl -w kernel.unprivileged_userns_clone=1"]
      : []),
    ...(sysctls['kernel/apparmor_restrict_unprivileged_userns'] === '1'
      ? ["user namespaces for Chromium's sandbox, which AppArmor refuses: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"]
      : []),
    ...FILE_SYSTEMS.filter((name) => !facts.fileSystems.includes(name)).map((name) => `the file system ${name}: modprobe ${name}`),
    ...(facts.hasLoopDevices ? [] : ['loop devices: modprobe loop']),
    ...(facts.cgroupProblem === undefined ? [] : [`control groups: ${facts.cgroupProblem}`]),
  ];
}

async function readFacts(): Promise<HostFacts> {
  const sysctls = await Promise.all(SYSCTLS.map(async (key) => [key, await readSysctl(key)] as const));
  const commands = await Promise.all(Object.keys(COMMANDS).map(async (name) => ((await findCommand(name)) ? [] : [name])));
  const loaded = await Promise.all([...FILE_SYSTEMS.map(loadFileSystem), loadLoop()]);
  return {
    isRoot: process.getuid?.() === 0,
    missingCommands: commands.flat(),
    sysctls: Object.fromEntries(sysctls),
    fileSystems: FILE_SYSTEMS.filter((_, index) => loaded[index]),
    hasLoopDevices: loaded.at(-1)!,
    cgroupProblem: await findCgroupProblem(),
  };
}

/** A file system that is not in the kernel yet may be a module. */
async function loadFileSystem(name: string): Promise<boolean> {
  const has = async () => new RegExp(`\\b${name}$`, 'm').test(await readFile('/proc/filesystems', 'utf8'));
  return (await has()) || ((await modprobe(name)) && (await has()));
}

async function loadLoop(): Promise<boolean> {
  return (await exists('/dev/loop-control')) || ((await modprobe('loop')) && (await exists('/dev/loop-control')));
}

function modprobe(name: string): Promise<boolean> {
  return run(['modprobe', name]).then(
    () => true,
    () => false,
  );
}

async function findCgroupProblem(): Promise<string | undefined> {
  try {
    const layout = toCgroupLayout(await readMounts());
    if (layout.version === 1) return undefined;
    const controllers = (await readFile(`${layout.unified}/cgroup.controllers`, 'utf8')).trim().split(' ');
    const missing = ['memory', 'cpu', 'pids'].filter((name) => !controllers.includes(name));
    return missing.length === 0
      ? undefined
      : `the kernel has no ${missing.join(', ')} controller here (kernel line: cgroup_enable=${missing[0]})`;
  } catch (error) {
    return (error as Error).message;
  }
}

async function readSysctl(key: string): Promise<string | undefined> {
  return (await readFile(join('/proc/sys', key), 'utf8').catch(() => undefined))?.trim();
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
