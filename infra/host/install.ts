import { readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RELEASE, type Release } from '../release/release.ts';
import { toOrigin, type Host } from './host.ts';
import type { Layout } from './layout.ts';
import { placeFile, placeFolder, readLink, switchLink } from './place.ts';

/** A release that was switched to and did not become ready. The one before runs again. */
export class ReleaseUnhealthy extends Error {
  override readonly name = 'ReleaseUnhealthy';
}

export interface InstallOptions {
  /** Text of the controller's variables; left as it is without. */
  env?: string | undefined;
  /** Until the controller must be ready, ms. */
  readyMs?: number;
  /** Folder with secrets, a file each, that are to be those of the same names from now on. */
  secrets?: string | undefined;
}

const READY_MS = 60_000;
const RESTART_MS = 150_000;
/** Releases that stay on a host beside the one that runs and the one before it. */
const KEPT = 2;

/**
 * Makes a release that is on this host the one that runs. Sessions go on: machines are units of their own. Again with the same release and
 * variables it changes nothing. When the new one is not ready in time, everything is put back, the one before runs again, and
 * ReleaseUnhealthy says why.
 */
export async function installRelease(
  dir: string,
  layout: Layout,
  host: Host,
  { env, readyMs = READY_MS, secrets }: InstallOptions = {},
): Promise<void> {
  const release = await realpath(dir);
  const { image, kernel } = JSON.parse(await readFile(join(release, RELEASE), 'utf8')) as Release;
  await placeFolder(join(release, 'images', image.id), layout.images, image.id);
  await placeFolder(join(release, 'kernels', kernel.id), layout.kernels, kernel.id);

  const [before, envBefore] = [await readLink(layout.current), await readText(layout.env)];
  const undo: (() => Promise<void>)[] = [];
  try {
    const changed = await placeAll(release, layout, { image: image.id, kernel: kernel.id, env, secrets }, undo);
    await systemctl(host, 'daemon-reload');
    await systemctl(host, 'enable', 'oriel');
    const unready = changed ? 'it is new' : await host.findUnready(await readOrigin(layout), release);
    if (unready === '') return host.say(`${basename(release)} runs already`);
    await systemctl(host, 'restart', 'oriel');
    await untilReady(release, layout, host, readyMs);
  } catch (error) {
    await putBack(undo, before, layout, host, readyMs);
    throw error;
  }
  if (before !== undefined && before !== release) {
    await switchLink(layout.previous, before);
    await placeFile(`${layout.env}.previous`, envBefore, 0o600);
  }
  await prune(layout);
  host.say(`${basename(release)} runs`);
}

/** Makes the release before this one the one that runs, with the variables that it had last. */
export async function rollBack(layout: Layout, host: Host, options: InstallOptions = {}): Promise<void> {
  const previous = await readLink(layout.previous);
  if (previous === undefined) throw new Error(`there is no release before this one: ${layout.previous} is missing`);
  await installRelease(previous, layout, host, { env: await readText(`${layout.env}.previous`), ...options });
}

/** Ends all desktops and takes Oriel away. Its data stays unless `data` is said. */
export async function removeOriel(layout: Layout, host: Host, { data = false } = {}): Promise<void> {
  const program = join(layout.current, 'bin/oriel');
  // It ends the controller, too, in order; the unit begins none that ended so.
  const { code, stderr } = await host.run([program, 'down'], RESTART_MS);
  if (code !== 0 && (await readLink(layout.current)) !== undefined) {
    await host.run(['systemctl', 'start', 'oriel'], RESTART_MS);
    throw new Error(`desktops could not be ended, so nothing was taken away: ${stderr.trim()}`);
  }
  await host.run(['systemctl', 'disable', '--now', 'oriel'], RESTART_MS);
  for (const unit of await listUnits(layout.current)) await rm(join(layout.units, unit), { force: true });
  await host.run(['systemctl', 'daemon-reload']);
  for (const path of [layout.current, layout.previous, layout.releases]) await rm(path, { recursive: true, force: true });
  const kept = [layout.data, layout.settings];
  if (!data)
    return host.say(
      `Oriel is gone. Data is left: ${kept.join(' (database, keys, credentials, images) and ')} (settings); --data removes it`,
    );
  for (const path of kept) await rm(path, { recursive: true, force: true });
  host.say('Oriel is gone, and its data');
}

interface Placed {
  image: string;
  kernel: string;
  env: string | undefined;
  secrets: string | undefined;
}

/** Units, variables, links. Each pushes its undo. Says whether the controller has to begin anew. */
async function placeAll(
  release: string,
  layout: Layout,
  { image, kernel, env, secrets }: Placed,
  undo: (() => Promise<void>)[],
): Promise<boolean> {
  let changed = (await readLink(layout.current)) !== release;
  const place = async (path: string, text: string | undefined, mode?: number) => {
    const placed = await placeFile(path, text, mode);
    undo.push(placed.undo);
    changed ||= placed.changed;
  };
  for (const unit of await listUnits(release))
    await place(join(layout.units, unit), await readFile(join(release, 'infra/systemd', unit), 'utf8'));
  if (env !== undefined) await place(layout.env, env, 0o600);
  for (const name of secrets === undefined ? [] : await readdir(secrets))
    await place(join(layout.secrets, name), await readFile(join(secrets!, name), 'utf8'), 0o600);
  for (const [link, to] of [
    [join(layout.images, 'latest'), image],
    [join(layout.kernels, 'latest'), kernel],
    [layout.current, release],
  ] as const)
    undo.push(await switchLink(link, to));
  return changed;
}

async function untilReady(release: string, layout: Layout, host: Host, readyMs: number): Promise<void> {
  const why = await waitReady(release, layout, host, readyMs);
  if (why === '') return;
  const { stdout } = await host.run(['journalctl', '--unit=oriel', '--lines=20', '--no-pager', '--output=cat']);
  throw new ReleaseUnhealthy(`${basename(release)} was not ready within ${readyMs / 1000} s: ${why}\n${stdout}`);
}

/** Why it does not serve after so long; empty once it does. */
async function waitReady(release: string, layout: Layout, host: Host, readyMs: number): Promise<string> {
  const origin = await readOrigin(layout);
  let why = '';
  for (const until = performance.now() + readyMs; performance.now() < until; await sleep(Math.min(500, readyMs / 10)))
    if ((why = await host.findUnready(origin, release)) === '') break;
  return why;
}

/** Everything in reverse, as far as it goes; then the one before runs again, if there was one. */
async function putBack(
  undo: (() => Promise<void>)[],
  before: string | undefined,
  layout: Layout,
  host: Host,
  readyMs: number,
): Promise<void> {
  if (before === undefined) await host.run(['systemctl', 'disable', '--now', 'oriel'], RESTART_MS);
  for (const back of undo.reverse()) await back().catch((error: Error) => host.say(`could not be put back: ${error.message}`));
  await host.run(['systemctl', 'daemon-reload']);
  if (before === undefined) return host.say('taken back: nothing was installed before');
  const { code } = await host.run(['systemctl', 'restart', 'oriel'], RESTART_MS);
  const unready = code === 0 ? await waitReady(before, layout, host, readyMs) : 'it does not start';
  host.say(`taken back: ${basename(before)} ${unready ? `is to run again, but ${unready}` : 'runs again'}`);
}

async function readOrigin({ env }: Layout): Promise<string> {
  return toOrigin((await readText(env)) ?? '');
}

function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

async function systemctl(host: Host, ...words: string[]): Promise<void> {
  const { code, stderr } = await host.run(['systemctl', ...words], RESTART_MS);
  if (code !== 0) throw new ReleaseUnhealthy(`systemctl ${words.join(' ')} ended with ${code}: ${stderr.trim()}`);
}

async function listUnits(release: string): Promise<string[]> {
  return (await readdir(join(release, 'infra/systemd')).catch(() => [])).sort();
}

/** Those that neither run nor ran last go, the oldest first, but for a few. Images stay: machines may still run from them. */
async function prune({ releases, current, previous }: Layout): Promise<void> {
  const used = (await Promise.all([current, previous].map(readLink))).map((path) => basename(path ?? ''));
  const names = (await readdir(releases).catch(() => [])).filter((name) => /^[0-9a-f]{64}$/.test(name) && !used.includes(name));
  const others = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(releases, name))).mtimeMs })));
  for (const { name } of others.sort((a, b) => b.at - a.at).slice(KEPT)) await rm(join(releases, name), { recursive: true });
}
