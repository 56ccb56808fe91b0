import type { FirecrackerApi } from './api.ts';
import { getVersion, type ApiRequest } from './requests.ts';
import { isOlder, MINIMUM, parseVersion, toVersionText } from './version.ts';

/** Makes a machine of a Firecracker that waits, and lets it go. Throws FirecrackerFailed, which names the call that did not work. */
export async function begin(api: FirecrackerApi, calls: readonly ApiRequest[], signal: AbortSignal): Promise<void> {
  refuseOlder(await api.sendFirst(getVersion(), signal));
  for (const call of calls) await api.send(call, signal);
}

/** The one that runs counts, whatever was on the PATH when the host was checked. */
function refuseOlder(answer: unknown): void {
  const text = (answer as { firecracker_version?: unknown } | undefined)?.firecracker_version;
  const version = typeof text === 'string' ? parseVersion(text) : undefined;
  if (version === undefined) throw new Error('what answers on the API socket does not say which Firecracker it is');
  if (isOlder(version, MINIMUM)) throw new Error(`Firecracker is ${toVersionText(version)}; ${toVersionText(MINIMUM)} or later is needed`);
}
