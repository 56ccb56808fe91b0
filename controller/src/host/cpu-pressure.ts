import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/**
 * How much this host lacks processors, 0 to 100: the share of the last minute in which a program that could have run had to wait. A
 * kernel without pressure stall information gives an estimate from its load.
 */
export function readCpuPressure(path = '/proc/pressure/cpu'): number {
  try {
    return parseCpuPressure(readFileSync(path, 'utf8'));
  } catch {
    return toPressure(loadavg()[0]!, availableParallelism());
  }
}

/** `some avg10=11.88 avg60=8.23 avg300=11.61 total=10511504434` */
export function parseCpuPressure(text: string): number {
  const avg60 = /^some .*\bavg60=([\d.]+)/m.exec(text)?.[1];
  if (avg60 === undefined) throw new Error('/proc/pressure/cpu says nothing of the last minute');
  return Number(avg60);
}

/** Nothing while each runnable program has a processor, all when each processor has two. */
export function toPressure(load: number, processors: number): number {
  return Math.round(Math.min(1, Math.max(0, load / processors - 1)) * 100);
}
