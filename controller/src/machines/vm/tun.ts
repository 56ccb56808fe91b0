import { run } from '../../host/run.ts';
import { exists } from '../host-check.ts';

export const TUN_MISSING = 'taps, /dev/net/tun: modprobe tun';

/** Whether taps can be made here, which a module may have to be loaded for. */
export async function loadTun(): Promise<boolean> {
  const isThere = () => exists('/dev/net/tun');
  return (await isThere()) || (await run(['modprobe', 'tun']).then(isThere, () => false));
}
