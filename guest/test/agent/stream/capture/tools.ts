import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const XORG = '/usr/lib/xorg/Xorg';
const DUMMY_DRIVER = '/usr/lib/xorg/modules/drivers/dummy_drv.so';
const NATIVE = join(import.meta.dirname, '../../../../native');

/** What building and watching oriel-capture takes beyond this repository, as packages of Debian. */
const PACKAGES = [
  ...['gcc', 'make', 'pkgconf', 'libxcb1-dev', 'libxcb-damage0-dev', 'libxcb-shm0-dev', 'libxcb-xfixes0-dev', 'libvpx-dev', 'libyuv-dev'],
  ...['libx11-dev', 'libxtst-dev', 'libxrandr-dev', 'xserver-xorg-core', 'xserver-xorg-video-dummy', 'x11-xkb-utils', 'vpx-tools'],
];

/** Reason of a skip. */
export const NO_TOOLS = `oriel-capture cannot be built and shown a screen here: apt-get install ${PACKAGES.join(' ')}`;

/** Whether all of them are here. */
export function hasTools(): boolean {
  const works = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
  const libraries = ['xcb', 'xcb-damage', 'xcb-shm', 'xcb-xfixes', 'vpx', 'x11', 'xtst', 'xrandr'];
  return (
    [XORG, DUMMY_DRIVER, '/usr/bin/xkbcomp', '/usr/include/libyuv.h'].every(existsSync) &&
    works('pkg-config', '--exists', ...libraries) &&
    [
      ['gcc', '--version'],
      ['make', '--version'],
      ['vpxdec', '--help'],
    ].every(([command, word]) => works(command!, word!))
  );
}

/** Builds oriel-capture and the painter into `dir`. Warnings are errors. */
export function buildNative(dir: string): void {
  execFileSync('make', ['--silent', '-j2', '-C', NATIVE, `OUT=${dir}`, `${dir}/oriel-capture`, `${dir}/painter`], { stdio: 'pipe' });
}
