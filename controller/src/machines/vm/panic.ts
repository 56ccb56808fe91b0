import { readFile } from 'node:fs/promises';
import { ConsoleLines } from '../console-lines.ts';
import type { MachineExit } from '../driver.ts';

/** How an orderly end looks on the console: PID 1 ends, which resets the machine. */
const ORDERLY = /^init: all services are down$/;
const PANIC = /Kernel panic - not syncing: (.+)$/;
/** What the kernel's words mean here. */
const MEANINGS: [words: RegExp, meaning: string][] = [
  [/^dm-verity device corrupted/, 'the image is damaged: remove it and build it again: just build-image'],
  [/^VFS: Unable to mount root fs/, 'the image cannot be mounted'],
  [/^Requested init /, 'the image has no init that can be run'],
  [/^Attempted to kill init/, 'its init ended'],
  [/^System is deadlocked on memory/, 'its memory is full, and there is nobody left to end'],
];

/**
 * The exit of a VMM, with what the guest's kernel said of it: a reset after a panic is exit code 0 to the VMM. How it was killed
 * is the host's to tell: whatever the guest writes does not change it.
 */
export function explainVmExit(exit: MachineExit, lines: readonly string[]): MachineExit {
  if (exit.code !== 0) return exit;
  if (lines.some((line) => ORDERLY.test(line))) return { ...exit, reason: 'ended in order' };
  const panic = lines.map((line) => PANIC.exec(line)?.[1]).findLast(Boolean);
  return panic === undefined ? exit : { ...exit, reason: `panic: ${explainPanic(panic.replace(/ ?\]?-*$/, ''))}` };
}

function explainPanic(words: string): string {
  const meaning = MEANINGS.find(([pattern]) => pattern.test(words))?.[1];
  return meaning === undefined ? words : `${words} (${meaning})`;
}

/** The same by the console's file. */
export async function explainByConsole(exit: MachineExit, path: string): Promise<MachineExit> {
  const lines: string[] = [];
  const reader = new ConsoleLines((line) => lines.push(line));
  reader.push(await readFile(path, 'utf8').catch(() => ''));
  reader.end();
  return explainVmExit(exit, lines);
}
