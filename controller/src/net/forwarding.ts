import { readFile, writeFile } from 'node:fs/promises';

/** Whether the kernel sends on what comes in on this interface and is for somebody else. False for one that is not there. */
export async function isForwarding(name: string): Promise<boolean> {
  const text = await readFile(toPath(name), 'utf8').catch(ignoreMissing);
  return text?.trim() === '1';
}

/** Switches it. An interface that is gone has nothing to switch. */
export async function setForwarding(name: string, on: boolean): Promise<void> {
  await writeFile(toPath(name), on ? '1' : '0', { flag: 'r+' }).catch(ignoreMissing);
}

const toPath = (name: string) => `/proc/sys/net/ipv4/conf/${name}/forwarding`;

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
