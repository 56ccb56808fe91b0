import { readFile, readdir } from 'node:fs/promises';
import { run } from '../host/run.ts';
import { planCloneNetwork, type CloneNetworkOptions } from './clone-plan.ts';
import { setForwarding } from './forwarding.ts';
import { toSlot, type Slot } from './slot.ts';

/** The slot's names are taken already: by a living clone, or by what a crash left (`removeCloneNetwork` takes that down). */
export class CloneNetworkExists extends Error {
  override readonly name = 'CloneNetworkExists';
  readonly code = 'clone_network_exists';
}

/** Sets `key=value` arguments below /proc/sys of the namespace that it runs in, then becomes the command after `--`. */
const SET_SYSCTLS = `while [ "$1" != -- ]; do f="/proc/sys/\${1%%=*}"; [ ! -e "$f" ] || echo "\${1#*=}" >"$f"; shift; done; shift; exec "$@"`;

/** Makes links as standard input says, brings the host's end up, without IPv6 (a kernel may have none), and runs `ip` with what follows. */
const MAKE_LINKS = `ip -batch -; f=/proc/sys/net/ipv6/conf/$1/disable_ipv6; [ ! -e "$f" ] || echo 1 >"$f"; ip link set dev "$1" up; shift; [ $# -eq 0 ] || ip "$@"`;
/** The rules come by standard input, the links as an argument. */
const RAISE_WALL = 'nft -f -; printf %s "$1" | ip -batch -';

/** Makes a clone's namespaces, links and wall; `onMade` is called when the namespaces are there, and the tap. Throws with nothing left behind: CloneNetworkExists, CommandFailed. */
export async function createCloneNetwork(slot: Slot, options: CloneNetworkOptions, onMade: () => void = () => {}): Promise<void> {
  const existing = await listNames(slot);
  if (existing.length > 0) throw new CloneNetworkExists(`slot ${slot.index}: ${existing.join(', ')} exist already`);
  try {
    await build(slot, options, onMade);
  } catch (error) {
    await removeCloneNetwork(slot);
    throw error;
  }
}

/** Takes a clone's network down, as far as there is one. Connections through it are cut. */
export async function removeCloneNetwork(slot: Slot): Promise<void> {
  const plan = planRemoval(await listNames(slot), slot);
  if (plan === '') return;
  try {
    await run(['ip', '-force', '-batch', '-'], { input: plan });
  } catch (error) {
    // Somebody else may have been faster: only what is still there is a failure.
    if ((await listNames(slot)).length > 0) throw error;
  }
}

/** Slots of which this host has anything left. Throws when it cannot tell. */
export async function listCloneNetworks(instance: string): Promise<number[]> {
  const pattern = new RegExp(`^${toSlot(instance, 0).routerNetns.slice(0, -2)}[rgh](\\d+)$`);
  const [namespaces, interfaces] = await Promise.all([listNamespaces(), listInterfaces()]);
  const indexes = [...namespaces, ...interfaces].flatMap((name) => pattern.exec(name)?.[1] ?? []);
  return [...new Set(indexes.map(Number))].sort((a, b) => a - b);
}

/** The `ip -batch` lines that delete `names`; deleting the host's end of the veth is done at once, namespaces die behind our back. */
export function planRemoval(names: readonly string[], slot: Slot): string {
  return names.map((name) => (name === slot.hostInterface ? `link delete ${name}\n` : `netns delete ${name}\n`)).join('');
}

/** Interface names in /proc/net/dev: of the namespace that we run in, where /sys/class/net is of the one that mounted /sys. */
export function parseInterfaces(procNetDev: string): string[] {
  return [...procNetDev.matchAll(/^\s*([^\s:]+):/gm)].map((match) => match[1]!);
}

/** Three processes, of which two at the same time: what a process costs is most of what a network costs. */
async function build(slot: Slot, options: CloneNetworkOptions, onMade: () => void): Promise<void> {
  const { hostLinks, tap, router, guest } = planCloneNetwork(slot, options);
  await run(['sh', '-ec', MAKE_LINKS, 'sh', slot.hostInterface, ...tap], { label: 'ip -batch -', input: hostLinks });
  onMade();
  await Promise.all([
    // Only behind its wall does the clone get a link.
    enter(slot.routerNetns, router.sysctls, ['sh', '-ec', RAISE_WALL, 'sh', router.links], router.ruleset, 'nft -f -'),
    enter(slot.guestNetns, guest.sysctls, ['ip', '-batch', '-'], guest.links, 'ip -batch -'),
    // What may be forwarded is the host table's to say.
    options.isPublic && setForwarding(slot.hostInterface, true),
  ]);
}

function enter(netns: string, sysctls: string[], argv: string[], input: string, label: string): Promise<string> {
  return run(['sh', '-ec', SET_SYSCTLS, 'sh', ...sysctls, '--', ...argv], { label, netns, input });
}

async function listNames(slot: Slot): Promise<string[]> {
  const [namespaces, interfaces] = await Promise.all([listNamespaces(), listInterfaces()]);
  const names = new Set([...interfaces.filter((name) => name === slot.hostInterface), ...namespaces]);
  return [slot.hostInterface, slot.guestNetns, slot.routerNetns].filter((name) => names.has(name));
}

/** No directory means no namespaces; any other trouble is an error, never an empty list. */
async function listNamespaces(): Promise<string[]> {
  return (await readdir('/run/netns').catch(ignoreMissing)) ?? [];
}

async function listInterfaces(): Promise<string[]> {
  return parseInterfaces(await readFile('/proc/self/net/dev', 'utf8'));
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
