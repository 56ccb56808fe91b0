import { loadModules } from '../../host/modules.ts';

export const TUN_MISSING = 'taps, /dev/net/tun: modprobe tun';

/** Whether taps can be made here, which a module may have to be loaded for. */
export async function loadTun(): Promise<boolean> {
  return !(await loadModules()).includes('tun');
}
