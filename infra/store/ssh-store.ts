import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { planSsh, toRemote } from '../deploy/remote.ts';
import type { SshSettings } from '../settings/schemas.ts';
import { StoreFailed } from './store-failed.ts';
import type { Store } from './store.ts';

/** A folder on another machine. `argv`: what runs a shell's line there; tests have their own. */
export function toSshStore({ ssh, folder }: { ssh: SshSettings; folder: string }, argv: readonly string[] = planSsh(ssh)): Store {
  const remote = toRemote(argv);
  return {
    async has(key) {
      return (await remote.run(`test -f ${folder}/${key} && echo there || echo missing`)).trim() === 'there';
    },
    async put(key, path, sha256) {
      const target = `${folder}/${key}`;
      const aside = `${target}.$$.partial`;
      // It has its name when its bytes are there, and not before.
      await remote.run(
        `set -eu; umask 022; mkdir -p "$(dirname ${target})"; trap 'rm -f ${aside}' EXIT; cat >${aside}; echo '${sha256}  '${aside} | sha256sum --check --quiet --strict; mv -T ${aside} ${target}`,
        createReadStream(path),
      );
    },
    async get(key, path) {
      const [file, ...args] = argv;
      const child = spawn(file!, [...args, `cat ${folder}/${key}`], { stdio: ['ignore', 'pipe', 'pipe'] });
      const ended = new Promise<number | string>((resolve) => {
        child.on('error', (error) => resolve(error.message));
        child.on('close', (code, signal) => resolve(code ?? signal!));
      });
      const [said, end] = await Promise.all([text(child.stderr), ended, pipeline(child.stdout, createWriteStream(path))]);
      if (end !== 0) throw new StoreFailed(`${ssh.address} gives no ${folder}/${key}: ${said.trim() || end}`);
    },
  };
}
