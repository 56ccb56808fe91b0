import { chmod, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineRecord } from '../../driver.ts';
import { copyOut } from '../../vm/copy-out.ts';
import { toVmPaths } from '../../vm/paths.ts';
import { FirecrackerApi, FirecrackerFailed } from './api.ts';
import { SAVED, toSavedPaths, toTalkPaths, type SnapshotFiles } from './paths.ts';
import { createSnapshot, getMachineConfig, pauseVm, resumeVm } from './requests.ts';

/*
 * A machine's memory and devices as Firecracker writes them, and its overlay's disk of the same moment.
 *
 *   save     Paused ─► create, into the jail ─► copies of state, memory, overlay.ext4 out of it ─► Resumed
 *   restore  a jail with all of them ─► load ─► it runs          (start.ts)
 */

/** Limits, ms. */
export interface SaveLimits {
  /** The guest's memory goes to the disk, and is waited for there. */
  createMs: number;
  /** Firecracker does one call after the other: also one that nobody waits for any more is done before this. */
  resumeMs: number;
}

const LIMITS: SaveLimits = { createMs: 30_000, resumeMs: 30_000 };
const MIB = 2 ** 20;
/** Most of a state, bytes: devices and processors come to some hundred KiB. */
const STATE_BYTES = 16 * MIB;
/** Most memory that a Firecracker is believed to have, MiB. */
const MOST_MEMORY_MIB = 2 ** 24;

/** The files of a snapshot. */
export function toKeptPaths(dir: string): SnapshotFiles & { overlay: string } {
  return { state: join(dir, 'state'), memory: join(dir, 'memory'), overlay: join(dir, 'overlay.ext4') };
}

/** Writes a machine into `dir`; it stands still meanwhile. It goes on also when this fails. */
export async function saveMachine({ runDir }: MachineRecord, dir: string, signal: AbortSignal, limits = LIMITS): Promise<void> {
  const api = new FirecrackerApi(toTalkPaths(runDir).socket);
  try {
    // Root's alone: whoever may read one of its files finds it in its own jail.
    await chmod(dir, 0o700);
    const memoryBytes = (await readMemoryMib(api, signal)) * MIB;
    await whilePaused(api, limits.resumeMs, signal, async () => {
      await api.send(createSnapshot(SAVED), signal, limits.createMs);
      await takeFiles(runDir, dir, memoryBytes, signal);
    });
  } finally {
    api.close();
    for (const path of Object.values(toSavedPaths(runDir))) await unlink(path).catch(() => undefined);
  }
}

async function takeFiles(runDir: string, dir: string, memoryBytes: number, signal: AbortSignal): Promise<void> {
  const [saved, kept] = [toSavedPaths(runDir), toKeptPaths(dir)];
  // The users of copies read these two; the third is copied with its mode.
  await copyOut(saved.state, kept.state, { maxBytes: STATE_BYTES, mode: 0o444 }, signal);
  await copyOut(saved.memory, kept.memory, { maxBytes: memoryBytes, mode: 0o444 }, signal);
  await copyOut(toVmPaths(runDir).overlay, kept.overlay, { mode: 0o600 }, signal);
}

/** The word of a VMM: its user's limit of one file bounds what comes of it. */
async function readMemoryMib(api: FirecrackerApi, signal: AbortSignal): Promise<number> {
  const mib = ((await api.send(getMachineConfig(), signal)) as { mem_size_mib?: unknown } | undefined)?.mem_size_mib;
  if (typeof mib === 'number' && Number.isInteger(mib) && mib > 0 && mib <= MOST_MEMORY_MIB) return mib;
  throw new FirecrackerFailed('GET /machine-config: it does not say how much memory it has');
}

/** A machine that may have been paused is resumed, whatever became of the call, or of `signal`. */
async function whilePaused(api: FirecrackerApi, resumeMs: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  const failure = await api
    .send(pauseVm(), signal)
    .then(act)
    .then(
      () => undefined,
      (error: Error) => error,
    );
  await api.send(resumeVm(), new AbortController().signal, resumeMs).catch((cause: Error) => {
    const first = failure ? `${failure.message}; ` : '';
    throw new FirecrackerFailed(`${first}the machine may stand still: ${cause.message}`, { cause });
  });
  if (failure) throw failure;
}
