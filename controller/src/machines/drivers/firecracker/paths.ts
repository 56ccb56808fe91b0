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

/** Root of a machine's jail in the machine's own mount namespace: the jailer wants it there, below its base. */
export function toJailRoot(stage: string, { firecracker }: Programs, machineId: string): string {
  return join(stage, basename(firecracker), machineId, 'root');
}

/** Where the host sees what Firecracker talks through. */
export function toTalkPaths(runDir: string): Record<'socket' | 'log' | 'metrics', string> {
  const at = (name: keyof typeof JAIL) => join(toVmPaths(runDir).files, basename(JAIL[name]));
  return { socket: at('socket'), log: at('log'), metrics: at('metrics') };
}
