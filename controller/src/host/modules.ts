import { existsSync, readFileSync } from 'node:fs';

const FILE_SYSTEMS = ['erofs', 'overlay'];
const DEVICES = { loop: '/dev/loop-control', tun: '/dev/net/tun' };

/** What machines need of the kernel, which it may have as modules; those of them that are not there. */
export function findMissingModules(fileSystems = readFileSync('/proc/filesystems', 'utf8'), isThere = existsSync): string[] {
  return [
    ...FILE_SYSTEMS.filter((name) => !new RegExp(`\\b${name}$`, 'm').test(fileSystems)),
    ...Object.entries(DEVICES).flatMap(([name, path]) => (isThere(path) ? [] : [name])),
  ];
}

/** Has them loaded; gives those that are missing still. It takes a right, sys_module, that the controller gives up. */
export async function loadModules(): Promise<string[]> {
  const missing = findMissingModules();
  if (missing.length === 0) return missing;
  const { run } = await import('./run.ts');
  await Promise.allSettled(missing.map((name) => run(['modprobe', name])));
  return findMissingModules();
}
