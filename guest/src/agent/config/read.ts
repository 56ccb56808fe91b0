import { readFile } from 'node:fs/promises';
import { fromConfigJson, MachineConfigInvalid } from '#contract/kernel-line';
import type { MachineConfig } from '#contract/machine-config';

/** The machine's config as init left it. Throws MachineConfigInvalid, which names every wrong field. */
export async function readConfig(path: string): Promise<MachineConfig> {
  return checkPorts(fromConfigJson(await readFile(path, 'utf8')));
}

/** A schema cannot say it, and werift takes no range of one port. */
export function checkPorts(config: MachineConfig): MachineConfig {
  if (config.media.portMax > config.media.portMin) return config;
  throw new MachineConfigInvalid('config: /media/portMax must be > /media/portMin');
}
