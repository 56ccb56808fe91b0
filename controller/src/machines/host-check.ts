import { access, readFile } from 'node:fs/promises';
import { findCommand } from '../host/find-command.ts';
import { readCgroupLayout } from './shim/cgroup.ts';

/** Facts that every driver asks of a host. */
export interface CommonFacts {
  isRoot: boolean;
  missingCommands: string[];
  /** Why limits cannot be set, in words. */
  cgroupProblem: string | undefined;
}

/** Command → Debian package that has it. */
export type Commands = Record<string, string>;

/** What every driver needs, beside its own. */
export const COMMON_COMMANDS: Commands = {
  conmon: 'conmon',
  nft: 'nftables',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
};

export async function readCommonFacts(commands: Commands): Promise<CommonFacts> {
  const missing = await Promise.all(Object.keys(commands).map(async (name) => ((await findCommand(name)) ? [] : [name])));
  return { isRoot: process.getuid?.() === 0, missingCommands: missing.flat(), cgroupProblem: await findCgroupProblem() };
}

/** Each thing that is missing, in words, with how to get it. */
export function toCommonMissing({ isRoot, missingCommands, cgroupProblem }: CommonFacts, commands: Commands): string[] {
  const packages = [...new Set(missingCommands.map((name) => commands[name]!))];
  return [
    ...(isRoot ? [] : ['root: namespaces and mounts are made for each machine; run as root']),
    ...(packages.length === 0 ? [] : [`${missingCommands.join(', ')}: apt-get install ${packages.join(' ')}`]),
    ...(cgroupProblem === undefined ? [] : [`control groups: ${cgroupProblem}`]),
  ];
}

async function findCgroupProblem(): Promise<string | undefined> {
  try {
    const layout = await readCgroupLayout();
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

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
