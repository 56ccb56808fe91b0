import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModules } from '../../../host/modules.ts';
import type { DriverCheck } from '../../driver.ts';
import { COMMON_COMMANDS, readCommonFacts, toCommonMissing, type CommonFacts } from '../../host-check.ts';

const COMMANDS = { ...COMMON_COMMANDS, crun: 'crun', mount: 'mount' };

/** Facts about the host, as they were read; kept apart from their judgement so that this can be tested. */
export interface HostFacts extends CommonFacts {
  /** Contents of sysctl files by path below /proc/sys; undefined when the kernel has none such. */
  sysctls: Record<string, string | undefined>;
  fileSystems: string[];
  hasLoopDevices: boolean;
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
  return [
    ...toCommonMissing(facts, COMMANDS),
    ...(sysctls['user/max_user_namespaces'] === '0' ? ['user namespaces: sysctl -w user.max_user_namespaces=15000'] : []),
    ...(sysctls['kernel/unprivileged_userns_clone'] === '0'
      ? ["user namespaces for Chromium's sandbox: sysctl -w kernel.unprivileged_userns_clone=1"]
      : []),
    ...(sysctls['kernel/apparmor_restrict_unprivileged_userns'] === '1'
      ? ["user namespaces for Chromium's sandbox, which AppArmor refuses: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"]
      : []),
    ...FILE_SYSTEMS.filter((name) => !facts.fileSystems.includes(name)).map((name) => `the file system ${name}: modprobe ${name}`),
    ...(facts.hasLoopDevices ? [] : ['loop devices: modprobe loop']),
  ];
}

async function readFacts(): Promise<HostFacts> {
  const sysctls = await Promise.all(SYSCTLS.map(async (key) => [key, await readSysctl(key)] as const));
  const missing = await loadModules();
  return {
    ...(await readCommonFacts(COMMANDS)),
    sysctls: Object.fromEntries(sysctls),
    fileSystems: FILE_SYSTEMS.filter((name) => !missing.includes(name)),
    hasLoopDevices: !missing.includes('loop'),
  };
}

async function readSysctl(key: string): Promise<string | undefined> {
  return (await readFile(join('/proc/sys', key), 'utf8').catch(() => undefined))?.trim();
}
