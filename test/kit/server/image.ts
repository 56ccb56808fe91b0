import { copyFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openApt, toSuites } from '../../../images/src/apt.ts';
import { fetchDebs } from '../../../images/src/debs.ts';
import type { Lock } from '../../../images/src/lock.ts';
import { toPaths } from '../../../images/src/paths.ts';
import { resolvePackages } from '../../../images/src/resolve.ts';
import { buildFolder, planBuilder } from '../../../images/src/rootfs.ts';
import { run } from '../../../images/src/run.ts';
import { findMirrors } from '../../../images/src/sources.ts';
import { runStage, toKey, withTemporary } from '../../../images/src/stage.ts';
import { SERVER_NETWORK } from './network.ts';

const SUITE = 'trixie';
const ARCHITECTURE = 'amd64';
/** Room on its disk; the file takes what is written. */
const DISK = '12G';

/** A Debian server as one rents it: systemd, sshd, a network; nothing of Oriel's. */
const BARE = [
  'ca-certificates',
  'dbus',
  'initramfs-tools',
  'iproute2',
  'kmod',
  'linux-image-cloud-amd64',
  'mount',
  'openssh-server',
  'procps',
  'systemd-sysv',
  'udev',
  'zstd',
];

/** Kinds of servers, by their packages. `host` has what the container driver asks for. */
export const SERVERS = { bare: BARE, host: [...BARE, 'conmon', 'crun', 'nftables'] } as const;
export type ServerKind = keyof typeof SERVERS;

/** Files of a server's first disk. Nothing is ever written to them: a server boots on a layer of its own. */
export interface ServerImage {
  disk: string;
  kernel: string;
  initrd: string;
}

/**
 * Makes the disk from what Debian's mirror has now, unless the cache has it. It is locked to nothing: it stands for whatever server
 * an operator rents. Needs root, and the mirror: to be called before a test, which has no network.
 */
export async function makeServerImage(kind: ServerKind): Promise<ServerImage> {
  const { cache } = toPaths(process.env);
  const lock = await resolve(cache, SERVERS[kind]);
  const plan = { ...planBuilder(lock), essentialHook: ESSENTIAL, customizeHook: CUSTOMIZE };
  plan.dpkgOptions.push('path-exclude=/usr/share/locale/*');
  const dir = await runStage(cache, `server-${kind}`, toKey({ plan, DISK }), async (dir) => {
    await fetchDebs(lock.packages, cache, () => findMirrors(process.env));
    await buildFolder(plan, lock, cache, dir);
    await toDisk(join(dir, 'root'), dir);
  });
  return toImage(dir);
}

/** The newest one that was made. Throws when there is none. */
export async function findServerImage(kind: ServerKind): Promise<ServerImage> {
  const stages = join(toPaths(process.env).cache, 'stages');
  const names = (await readdir(stages).catch(() => [])).filter((name) => new RegExp(`^server-${kind}-[0-9a-f]{32}$`).test(name));
  const made = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(stages, name))).mtimeMs })));
  const newest = made.sort((a, b) => b.at - a.at)[0];
  if (!newest) throw new Error(`no server in ${stages}: node test/kit/server/make.ts ${kind}`);
  return toImage(join(stages, newest.name));
}

function toImage(dir: string): ServerImage {
  return { disk: join(dir, 'disk.ext4'), kernel: join(dir, 'vmlinuz'), initrd: join(dir, 'initrd') };
}

/** What the mirror has now; of the release files' date nothing is asked, as it would make another disk each day. */
export function resolve(cache: string, requested: readonly string[]): Promise<Lock> {
  return withTemporary(cache, async (dir) => {
    const apt = await openApt(join(dir, 'apt'), await findMirrors(process.env), SUITE, ARCHITECTURE);
    const packages = await resolvePackages(apt, toSuites(SUITE), requested);
    return {
      schema: 1,
      suite: SUITE,
      architecture: ARCHITECTURE,
      epoch: 0,
      requested: [...requested],
      packages: packages.map((found) => ({ ...found, sha1: '' })),
    };
  });
}

async function toDisk(root: string, dir: string): Promise<void> {
  const boot = await readdir(join(root, 'boot'));
  for (const [prefix, name] of [
    ['vmlinuz-', 'vmlinuz'],
    ['initrd.img-', 'initrd'],
  ] as const) {
    const found = boot.find((file) => file.startsWith(prefix));
    if (!found) throw new Error(`the server's root has no /boot/${prefix}*: ${boot.join(', ')}`);
    await copyFile(join(root, 'boot', found), join(dir, name));
  }
  // Of a disk that is thrown away no journal is needed.
  await run(['mkfs.ext4', '-q', '-O', '^has_journal', '-E', 'lazy_itable_init=1', '-d', root, join(dir, 'disk.ext4'), DISK]);
  await rm(root, { recursive: true });
}

/** Before packages are set up: what the initrd is to have in it, and nothing that starts in the meantime. */
const ESSENTIAL = `
mkdir -p "$1/etc/initramfs-tools/conf.d"
printf 'MODULES=list\\nCOMPRESS=zstd\\nCOMPRESSLEVEL=1\\nRESUME=none\\n' >"$1/etc/initramfs-tools/conf.d/server"
printf 'virtio_pci\\nvirtio_blk\\next4\\n' >"$1/etc/initramfs-tools/modules"
`;

/** An empty machine-id is one that is made at boot; without the file systemd would ask its first questions. */
const CUSTOMIZE = `
: >"$1/etc/machine-id"
echo server >"$1/etc/hostname"
: >"$1/etc/resolv.conf"
printf '/dev/vda / ext4 defaults,noatime 0 0\\n' >"$1/etc/fstab"
printf '127.0.0.1 localhost server\\n${SERVER_NETWORK.names.map(([address, name]) => `${address} ${name}`).join('\\n')}\\n' >"$1/etc/hosts"
printf '[Match]\\nMACAddress=${SERVER_NETWORK.mac}\\n[Network]\\nAddress=${SERVER_NETWORK.address}/24\\nGateway=${SERVER_NETWORK.gateway}\\n' >"$1/etc/systemd/network/10-wan.network"
chroot "$1" systemctl enable systemd-networkd
chroot "$1" systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer systemd-networkd-wait-online.service
rm -f "$1/etc/apt/sources.list"
`;
