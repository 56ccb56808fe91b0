import { basename, join } from 'node:path';
import { toVmPaths } from '../../vm/paths.ts';
import type { Programs } from './programs.ts';

/** What a jailed Firecracker finds where; the API knows these paths only. */
export const JAIL = {
  kernel: '/vmlinux',
  rootfs: '/rootfs.erofs',
  overlay: '/files/overlay.ext4',
  socket: '/files/api.sock',
  log: '/files/log.fifo',
  metrics: '/files/metrics.fifo',
} as const;

export interface SnapshotFiles {
  state: string;
  memory: string;
}

/** Where a jailed Firecracker writes down its machine, and where it finds the one that it is to be a copy of. */
export const SAVED: SnapshotFiles = { state: '/files/state', memory: '/files/memory' };
export const GIVEN: SnapshotFiles = { state: '/state', memory: '/memory' };

/** Root of a machine's jail in the machine's own mount namespace: the jailer wants it there, below its base. */
export function toJailRoot(stage: string, { firecracker }: Programs, machineId: string): string {
  return join(stage, basename(firecracker), machineId, 'root');
}

/** Where the host sees what Firecracker talks through. */
export function toTalkPaths(runDir: string): Record<'socket' | 'log' | 'metrics', string> {
  const { socket, log, metrics } = JAIL;
  return { socket: toHost(runDir, socket), log: toHost(runDir, log), metrics: toHost(runDir, metrics) };
}

/** Where the host sees what Firecracker has written down. */
export function toSavedPaths(runDir: string): SnapshotFiles {
  return { state: toHost(runDir, SAVED.state), memory: toHost(runDir, SAVED.memory) };
}

function toHost(runDir: string, path: string): string {
  return join(toVmPaths(runDir).files, basename(path));
}
