import { readFile } from 'node:fs/promises';

export interface Mount {
  path: string;
  type: string;
  source: string;
  /** Of this mount, e.g. `ro`, `idmapped`. */
  options: string[];
  /** Of the file system, e.g. cgroup v1's controllers. */
  superOptions: string[];
}

/** Mounts of our mount namespace, in the order in which they were made. */
export async function readMounts(): Promise<Mount[]> {
  return parseMounts(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** Lines of /proc/self/mountinfo, see proc_pid_mountinfo(5). */
export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [mount, file] = line.split(' - ', 2) as [string, string];
      const [, , , , path = '', options = ''] = mount.split(' ');
      const [type = '', source = '', superOptions = ''] = file.split(' ');
      return { path: unescape(path), type, source: unescape(source), options: options.split(','), superOptions: superOptions.split(',') };
    });
}

/** Space, tab, newline and backslash come as octal. */
function unescape(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
