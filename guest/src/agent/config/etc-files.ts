import { createHash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineConfig } from '#contract/machine-config';
import { GUEST_NETWORK, NO_PROXY } from '#contract/network';

/** Files that programs expect under /etc and that differ per machine, by name: the image links to them. */
export function toEtcFiles({ machineId, hostname }: MachineConfig): Record<string, string> {
  return {
    environment: toEnvironment(),
    hostname: `${hostname}\n`,
    hosts: `127.0.0.1 localhost\n127.0.1.1 ${hostname}\n::1 localhost ip6-localhost ip6-loopback\n`,
    'resolv.conf': '# No name server can be reached from here: the egress proxy looks names up.\noptions timeout:1 attempts:1\n',
    // 32 hex digits, the same for the machine's life and for no other machine.
    'machine-id': `${createHash('sha256').update(machineId).digest('hex').slice(0, 32)}\n`,
    'chromium-policy.json': `${JSON.stringify(toChromiumPolicy(), null, 2)}\n`,
  };
}

/** Each file appears whole, or not at all. */
export async function writeEtcFiles(folder: string, files: Record<string, string>): Promise<void> {
  await Promise.all(
    Object.entries(files).map(async ([name, text]) => {
      const path = join(folder, name);
      await writeFile(`${path}.new`, text, { mode: 0o644 });
      await rename(`${path}.new`, path);
    }),
  );
}

const PROXY = `${GUEST_NETWORK.gateway}:${GUEST_NETWORK.egressProxyPort}`;

/** Read by login shells, sourced by sh: no spaces, no quotes. Programs disagree on the case of these names. */
function toEnvironment(): string {
  const proxy = `http://${PROXY}`;
  // Many programs know no CIDR: the subnet's only two addresses as well.
  const direct = [...NO_PROXY, GUEST_NETWORK.gateway, GUEST_NETWORK.address].join(',');
  const variables = {
    http_proxy: proxy,
    https_proxy: proxy,
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    no_proxy: direct,
    NO_PROXY: direct,
    NODE_USE_ENV_PROXY: '1',
    LANG: 'C.UTF-8',
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Chromium's managed policy: the user cannot change it. Loopback is always direct. */
function toChromiumPolicy(): object {
  return { ProxySettings: { ProxyMode: 'fixed_servers', ProxyServer: PROXY, ProxyBypassList: NO_PROXY.join(',') } };
}
