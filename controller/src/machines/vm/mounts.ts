/** A character device that the VMM opens; its numbers are the kernel's (Documentation/admin-guide/devices.txt). */
export interface Device {
  path: string;
  major: number;
  minor: number;
}

export const TUN: Device = { path: '/dev/net/tun', major: 10, minor: 200 };
export const KVM: Device = { path: '/dev/kvm', major: 10, minor: 232 };

export interface MountPlan {
  stage: string;
  /** Directory that the VMM's user can write in. */
  files: string;
  rootfs: string;
  kernel: string;
  devices: readonly Device[];
}

/** What a VMM may see, as lines of an fstab(5): one mount(8) makes them all. */
export function planMounts({ stage, files, rootfs, kernel, devices }: MountPlan): string {
  return [
    [files, `${stage}/files`, 'bind,nosuid,nodev,noexec,X-mount.mkdir'],
    [rootfs, `${stage}/rootfs.erofs`, 'bind,ro'],
    [kernel, `${stage}/kernel`, 'bind,ro'],
    ...devices.map(({ path }) => [`${stage}/${path.split('/').at(-1)}`, path, 'bind']),
  ]
    .map(([from, to, options]) => `${escape(from!)} ${escape(to!)} none ${options}`)
    .join('\n');
}

/** As fstab(5) has it: blanks, backslashes, and a # that would begin a comment, are octal. */
function escape(path: string): string {
  return path.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
