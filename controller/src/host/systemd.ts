import { access } from 'node:fs/promises';
import { run } from './run.ts';

/** A transient unit for processes that are to outlive who starts them: systemd ends none of them with the controller's own unit. */
export interface Scope {
  /** What it is, for a person who lists units; the whole command without. */
  description: string;
  /** Without `.scope`. */
  name: string;
  /** With `.slice`. */
  slice: string;
  /** `MemoryMax=…`, as systemd.resource-control(5) has them. */
  properties?: readonly string[];
}

/** Major version of the systemd that this host was booted with; undefined where there is none (sd_booted(3)). */
export async function readSystemdVersion(): Promise<number | undefined> {
  const isBooted = await access('/run/systemd/system').then(
    () => true,
    () => false,
  );
  return isBooted ? parseVersion(await run(['systemd-run', '--version'])) : undefined;
}

/** `systemd 257 (257.9-1~deb13u1)`, and a line of features. */
export function parseVersion(text: string): number {
  const version = /^systemd (\d+)/.exec(text)?.[1];
  if (version === undefined) throw new Error(`systemd-run tells no version: ${text.slice(0, 100)}`);
  return Number(version);
}

/**
 * Words before a command that make it its own unit's: systemd-run asks systemd to move it there, and then becomes the command. Pid,
 * descriptors and environment stay. A unit that has ended is forgotten, also one that failed.
 */
export function planScope({ name, slice, description, properties = [] }: Scope): string[] {
  return [
    ...['systemd-run', '--scope', '--quiet', '--collect', `--unit=${name}`, `--slice=${slice}`],
    `--description=${description}`,
    ...properties.map((property) => `--property=${property}`),
    '--',
  ];
}
