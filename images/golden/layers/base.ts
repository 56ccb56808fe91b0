import type { Layer } from '../layer.ts';

export const base: Layer = {
  name: 'base',
  packages: [
    { name: 's6', why: 'supervises the services and tells when each is ready' },
    { name: 'execline', why: 's6 calls it for its own scripts' },
    { name: 'dbus', why: 'message bus of the system' },
    { name: 'mount', why: 'init mounts; not essential any more in trixie' },
    { name: 'iproute2', why: 'init brings the loopback up' },
    { name: 'e2fsprogs', why: "init formats a VM's empty overlay disk" },
    { name: 'procps', why: 'ps, top, pkill, uptime: for people and for services' },
    { name: 'ca-certificates', why: 'TLS of everything that is not Chromium' },
    { name: 'systemd-standalone-sysusers', why: 'users of packages, without systemd itself (+10 MB)' },
    { name: 'libstdc++6', why: 'Node' },
    { name: 'libatomic1', why: 'Node' },
  ],
  delete: [
    { path: '/var/cache/debconf/*-old', why: 'backups of a data base that nothing asks' },
    { path: '/var/lib/dpkg/*-old', why: 'backups' },
    { path: '/var/log/*', why: 'words of the build' },
    { path: '/var/cache/ldconfig/aux-cache', why: 'holds inode numbers of the build' },
  ],
};
