import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SshSettings } from '../settings/schemas.ts';

/** A host that commands of a shell are run on. */
export interface Remote {
  /** Gives what it printed. Throws RemoteFailed when it does not end with 0. */
  run(script: string, input?: Readable | string): Promise<string>;
}

export class RemoteFailed extends Error {
  override readonly name = 'RemoteFailed';
}

/** Words of ssh: of the settings alone, nothing of the caller's own files, and no host but the one whose key is known. */
export function planSsh({ address, user = 'root', port = 22, identityFile, knownHostsFile }: SshSettings): string[] {
  const options = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: knownHostsFile,
    ConnectTimeout: '20',
    ServerAliveInterval: '15',
  };
  return [
    ...['ssh', '-F', 'none', '-p', String(port), '-l', user],
    ...(identityFile ? ['-i', identityFile, '-o', 'IdentitiesOnly=yes'] : []),
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...['--', address],
  ];
}

/** Of the settings as they are in a plan. */
export function toSshRemote(json: string): Remote {
  return toRemote(planSsh(JSON.parse(json) as SshSettings));
}

/** Runs scripts by these words and one more, the script: `ssh … host`, or `sh -c`. */
export function toRemote(argv: readonly string[]): Remote {
  return {
    async run(script, input = '') {
      const [file, ...args] = argv;
      const child = spawn(file!, [...args, script], { stdio: ['pipe', 'pipe', 'pipe'] });
      const ended = new Promise<string>((resolve) => {
        child.on('error', (error) => resolve(error.message));
        child.on('close', (code, signal) => resolve(code === 0 ? '' : `ended with ${signal ?? code}`));
      });
      // One that ends before it has read all says itself why.
      const fed = typeof input === 'string' ? void child.stdin.end(input) : pipeline(input, child.stdin).catch(() => undefined);
      child.stdin.on('error', () => undefined);
      const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), ended, fed]);
      if (end)
        throw new RemoteFailed(
          `${script.trim().split('\n')[0]} … ${end}: ${`${stdout}${stderr}`.trim().split('\n').slice(-20).join('\n')}`,
        );
      return stdout + stderr;
    },
  };
}
