import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { constants } from 'node:os';

/** A kernel that is being built. */
export interface KernelAside {
  /** Resolves when it is there. Throws with what the build has said when it fails. */
  wait(): Promise<void>;
  /** Ends the build if it goes on. */
  stop(): void;
}

/**
 * Builds the guest kernel beside what runs, of time that no other process wants: compiling it takes minutes, and the desktops
 * of most tests are containers. As an owner's child in the owner's process group it ends with Ctrl-C, too.
 */
export function buildKernelAside(env: NodeJS.ProcessEnv): KernelAside {
  const child = spawn('chrt', ['--idle', '0', process.execPath, 'images/src/main.ts', 'kernel'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? '' : `ended with ${signal ?? `code ${code}`}`));
  });
  return {
    async wait() {
      const end = await ended;
      const words = (await said).join('').trimEnd();
      if (end) throw new Error(`the kernel was not built, it ${end}:\n${words}`);
      console.log(words);
    },
    stop: () => void child.kill(constants.signals.SIGTERM),
  };
}
