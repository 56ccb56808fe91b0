import { readFileSync } from 'node:fs';

/** The clock of this host's processors, kHz: an emulated one's time stamp counter is the host's. */
export function readClockKhz(cpuinfo = readFileSync('/proc/cpuinfo', 'utf8')): number {
  const mhz = /^cpu MHz\s*: ([\d.]+)$/m.exec(cpuinfo)?.[1];
  return Math.round(Number(mhz ?? 2000) * 1000);
}
