import { realpath } from 'node:fs/promises';
import { findCommand } from '../../../host/find-command.ts';
import { run } from '../../../host/run.ts';

/** The two programs of one release, by their real paths: the jailer names the jail by the file that it finds behind links. */
export interface Programs {
  firecracker: string;
  jailer: string;
}

export const RELEASE = 'https://github.com/firecracker-microvm/firecracker/releases/tag/v1.16.1';
/** Debian has no package of it. */
export const HOW_TO_GET = `take both programs from ${RELEASE} and put them on the PATH as firecracker and jailer`;

/** Throws Error, which says how to get what is missing. */
export async function findPrograms(): Promise<Programs> {
  return { firecracker: await find('firecracker'), jailer: await find('jailer') };
}

/** What a program says of its version; undefined when it is not installed, or cannot be run. */
export async function readVersion(name: keyof Programs): Promise<string | undefined> {
  const path = await findCommand(name);
  return path && run([path, '--version']).catch(() => undefined);
}

async function find(name: keyof Programs): Promise<string> {
  const path = await findCommand(name);
  if (path === undefined) throw new Error(`${name} is not installed: ${HOW_TO_GET}`);
  return realpath(path);
}
