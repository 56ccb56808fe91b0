import type { Image } from './layer.ts';
import { agent } from './layers/agent.ts';
import { audio } from './layers/audio.ts';
import { base } from './layers/base.ts';
import { capture } from './layers/capture.ts';
import { chromium } from './layers/chromium.ts';
import { desktop } from './layers/desktop.ts';
import { gstreamer } from './layers/gstreamer.ts';
import { guest } from './layers/guest.ts';
import { input } from './layers/input.ts';
import { proxy } from './layers/proxy.ts';
import { terminal } from './layers/terminal.ts';
import { tools } from './layers/tools.ts';
import { vnc } from './layers/vnc.ts';

const BOOT_FILES = ['environment', 'resolv.conf', 'hostname', 'hosts', 'machine-id'];

export const golden: Image = {
  suite: 'trixie',
  architecture: 'amd64',
  // In the order in which their files are laid over each other.
  layers: [base, tools, desktop, chromium, terminal, gstreamer, audio, capture, input, vnc, agent, proxy, guest],
  builder: [
    { name: 'erofs-utils', why: 'mkfs.erofs packs the image' },
    { name: 'cryptsetup-bin', why: 'veritysetup makes the hash tree of the image' },
    { name: 'mount', why: 'umount of what is left outside, see images/src/enter-root.sh' },
    { name: 'g++', why: 'compiles the GStreamer binding' },
    { name: 'make', why: 'runs what node-gyp generates' },
    { name: 'python3', why: 'node-gyp is written in it' },
    { name: 'pkgconf', why: 'tells the binding where GStreamer is' },
    { name: 'libgstreamer1.0-dev', why: 'headers of GStreamer' },
    { name: 'libgstreamer-plugins-base1.0-dev', why: 'headers of appsink and video' },
    ...['libxcb1-dev', 'libxcb-damage0-dev', 'libxcb-shm0-dev', 'libxcb-xfixes0-dev'].map((name) => ({
      name,
      why: 'guest/native: capture on damage',
    })),
    { name: 'libvpx-dev', why: 'guest/native: VP8' },
    { name: 'libyuv-dev', why: 'guest/native: RGB to YUV' },
  ],
  kernel: {
    source: 'linux-source-6.12',
    packages: [
      { name: 'linux-source-6.12', why: 'the kernel, with fixes that Debian makes' },
      { name: 'mount', why: 'umount of what is left outside, see images/src/enter-root.sh' },
      { name: 'gcc', why: 'compiles' },
      { name: 'libc6-dev', why: 'headers of the programs that the build compiles for itself' },
      { name: 'make', why: 'builds' },
      { name: 'flex', why: 'kconfig' },
      { name: 'bison', why: 'kconfig' },
      { name: 'bc', why: 'makes the table of time constants' },
      { name: 'libelf-dev', why: 'objtool' },
      { name: 'lz4', why: 'compresses bzImage' },
      { name: 'xz-utils', why: 'the sources are a tar.xz' },
      { name: 'perl', why: 'scripts of the build' },
    ],
  },
  users: [
    { name: 'oriel', uid: 990, comment: 'Oriel agent', home: '/nonexistent', shell: '/usr/sbin/nologin', makeHome: false },
    { name: 'sound', uid: 991, comment: 'Sound server', home: '/nonexistent', shell: '/usr/sbin/nologin', makeHome: false },
    { name: 'desktop', uid: 1000, comment: 'Desktop', home: '/home/desktop', shell: '/bin/bash', makeHome: true },
  ],
  links: {
    ...Object.fromEntries(BOOT_FILES.map((name) => [`/etc/${name}`, `/run/oriel/etc/${name}`])),
    '/etc/mtab': '/proc/self/mounts',
    '/etc/chromium/policies/managed/oriel.json': '/run/oriel/etc/chromium-policy.json',
    '/var/lib/dbus/machine-id': '/etc/machine-id',
  },
  pathExcludes: [
    '/usr/share/man/*',
    '/usr/share/info/*',
    '/usr/share/doc/*',
    '/usr/share/doc-base/*',
    '/usr/share/gtk-doc/*',
    '/usr/share/help/*',
    '/usr/share/locale/*',
    '/usr/share/lintian/*',
  ],
  pathIncludes: ['/usr/share/doc/*/copyright', '/usr/share/locale/locale.alias'],
  uuid: '6f726965-6c00-4000-8000-676f6c64656e',
};
