import { run } from '../host/run.ts';

const DIR = '/run/netns';
/** As ip-netns(8) does it with the first name that it makes. */
const SHARE = `mkdir -p "$1"; mount --make-rshared "$1" 2>/dev/null || { mount --bind "$1" "$1" && mount --make-rshared "$1"; }`;

/**
 * Network namespaces that get a name from now on are seen by machines that are being laid out already, each in a mount namespace of its own.
 * Without it the first machine of a host would not find its network, if that was slower to be made than the rest.
 */
export async function shareNamespaceNames(): Promise<void> {
  await run(['sh', '-ec', SHARE, 'sh', DIR], { label: `sharing ${DIR}` });
}
