import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { $, chalk } from 'zx';
import { HOST_PACKAGES, type HostPackage } from './host-packages.ts';
import { isThere } from './is-there.ts';

const hasSystemd = existsSync('/run/systemd/system');
const missing = HOST_PACKAGES.filter(({ program, startsServer }) => !isThere(program) && !(startsServer && hasSystemd));
if (missing.length > 0) await install(missing);

async function install(packages: readonly HostPackage[]): Promise<void> {
  for (const { package: name, why } of packages) console.log(`${chalk.bold(name)} is missing: ${why}`);
  const names = packages.map(({ package: name }) => name);
  if (!isThere('apt-get')) throw fail(`install these with this system's package manager (on NixOS: nix develop): ${names.join(' ')}`);
  if (process.getuid?.() !== 0)
    throw fail(`run as root, or install them yourself: apt-get install --no-install-recommends ${names.join(' ')}`);
  const apt = $({ env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'inherit', 'inherit'] });
  await apt`apt-get -qq update`;
  const allow = packages.some(({ startsServer }) => startsServer) ? forbidServers() : () => undefined;
  try {
    await apt`apt-get -qq install --yes --no-install-recommends ${names}`;
  } finally {
    allow();
  }
}

/** What a package brings is not to run beside the tests (Debian's invoke-rc.d asks this program). Gives the way back. */
function forbidServers(): () => void {
  const path = '/usr/sbin/policy-rc.d';
  if (existsSync(path)) return () => undefined;
  writeFileSync(path, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return () => rmSync(path);
}

function fail(message: string): Error {
  console.error(chalk.red(message));
  process.exit(1);
}
