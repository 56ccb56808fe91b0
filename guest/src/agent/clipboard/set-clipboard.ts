import { spawn } from 'node:child_process';

/** What one pastes with Ctrl+V, and with Shift+Insert in a terminal. */
const SELECTIONS = ['clipboard', 'primary'] as const;
const TIMEOUT_MS = 2_000;

/** Plain text for the desktop's programs to paste. Resolves when they can: xclip goes to the background once it has the selection. */
export async function setClipboard(text: string, env: NodeJS.ProcessEnv): Promise<void> {
  await Promise.all(SELECTIONS.map((selection) => runXclip(selection, text, env)));
}

function runXclip(selection: string, text: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('xclip', ['-in', '-selection', selection], { env, stdio: ['pipe', 'ignore', 'ignore'], timeout: TIMEOUT_MS });
    child.stdin.on('error', () => undefined);
    child.once('error', reject);
    child.once('exit', (code, signal) => (code === 0 ? resolve() : reject(new Error(`xclip: ${signal ?? `exit code ${code}`}`))));
    child.stdin.end(text);
  });
}
