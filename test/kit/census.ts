import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';

/** Programs of which a machine, a controller or a test may leave one behind. */
const PROGRAMS =
  /^(conmon|crun|s6-.*|Xorg|x11vnc|xfce4-.*|xfwm4|xfdesktop|chrom.*|qemu-.*|firecracker.*|jailer.*|unshare|dbus-.*|MainThread|node|oriel-egress)$/;

/** iproute mounts it on itself when it makes the first namespace since the host's start, and leaves it so. */
const NAMESPACES = '/run/netns';

/**
 * What there is of the things that Oriel makes, asked of plain system tools: one line each, sorted. Two censuses are equal
 * when nothing was left over in between. `ownNamespace: false` leaves out the processes beside this one: around a whole run
 * they are the rest of the machine's.
 */
export function takeCensus({ ownNamespace = true } = {}): string[] {
  return [
    ...lines('ip', ['netns', 'list']).map((line) => `netns ${line.split(' ')[0]}`),
    ...lines('ip', ['-br', 'link']).map((line) => `link ${line.split(/\s+/)[0]}`),
    ...lines('findmnt', ['-rno', 'TARGET,FSTYPE'])
      .filter((line) => !line.startsWith(`${NAMESPACES} `))
      .map((line) => `mount ${line}`),
    ...lines('losetup', ['-nO', 'NAME,BACK-FILE']).map((line) => `loop ${line}`),
    ...lines('nft', ['list', 'tables']).map((line) => `nft ${line}`),
    ...findProcesses(ownNamespace).map(({ program, pid, args }) => `process ${program} ${pid} ${args}`),
    ...findCgroups().map((path) => `cgroup ${path}`),
  ].sort();
}

/** What came between two censuses and is still there. What went meanwhile was somebody else's, or left over from before. */
export function diffCensus(before: string[], after: string[]): string[] {
  return after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`);
}

function lines(command: string, args: string[]): string[] {
  return execFileSync(command, args, { encoding: 'utf8' }).split('\n').filter(Boolean);
}

/**
 * Processes of ours: those in the namespace of this test or in a younger one. Of the rest of the machine, whose programs
 * come and go, a test knows nothing. Zombies have ended; their parent has not looked yet.
 */
function findProcesses(ownNamespace: boolean): ReturnType<typeof listProcesses> {
  const own = readlinkSync('/proc/self/ns/net');
  others ??= new Set(
    listProcesses()
      .map(({ netns }) => netns)
      .filter((netns) => netns !== own),
  );
  return listProcesses().filter(
    ({ program, pid, netns, state }) =>
      PROGRAMS.test(program) && Number(pid) !== process.pid && state !== 'Z' && !others!.has(netns) && (ownNamespace || netns !== own),
  );
}

/** Network namespaces that were there before the first census. */
let others: Set<string> | undefined;

function listProcesses(): { pid: string; state: string; netns: string; program: string; args: string }[] {
  return lines('ps', ['-eo', 'pid=,state=,netns=,comm=,args=']).map((line) => {
    const [pid = '', state = '', netns = '', program = '', ...args] = line.trim().split(/\s+/);
    return { pid, state, netns: `net:[${netns}]`, program, args: args.join(' ').slice(0, 120) };
  });
}

/** Control groups of machines, wherever this host mounts them: one to three below a controller's root. Under systemd they are units. */
function findCgroups(): string[] {
  const root = '/sys/fs/cgroup';
  if (!existsSync(root)) return [];
  return [...below(root), ...below(root).flatMap(below), ...below(root).flatMap(below).flatMap(below)].filter((path) =>
    /[/-]m-[a-z2-7]{12}(\.scope)?$|\/orie[a-z]*$/.test(path),
  );
}

/** Folders in a folder; none in one that has just gone. */
function below(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${dir}/${entry.name}`);
}
