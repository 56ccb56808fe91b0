import { readFile } from 'node:fs/promises';

/** Milliseconds since the machine was booted. */
export type Clock = () => number;

/** `bootedPath` holds the uptime at which it was: in a container, /proc/uptime is the host's. Good to 10 ms, as /proc/uptime is. */
export async function startClock(bootedPath: string, uptimePath = '/proc/uptime'): Promise<Clock> {
  const [booted, uptime] = await Promise.all([readSeconds(bootedPath), readSeconds(uptimePath)]);
  const offset = (uptime - booted) * 1000 - performance.now();
  return () => Math.max(0, Math.round(performance.now() + offset));
}

async function readSeconds(path: string): Promise<number> {
  return Number.parseFloat(await readFile(path, 'utf8'));
}
