import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPublicKey } from '../../images/src/attest/keys.ts';
import { BuildError } from '../../images/src/errors.ts';
import { toLayout } from '../host/layout.ts';
import { SUMS } from '../release/release.ts';
import { verifyRelease } from '../release/verify.ts';
import { readSettings, SettingsInvalid, toEnvironmentFile, type SshSettings } from '../settings.ts';
import { planSsh, type Remote, RemoteFailed, toRemote } from './remote.ts';
import { placeSecrets, SecretMissing } from './secrets.ts';
import { uploadRelease } from './upload.ts';

/* What the host stack's steps run. */
const USAGE = 'usage: main.ts reach SSH | install SETTINGS HOST | remove SSH';
const VERBS: Record<string, { words: number; act: (...words: string[]) => Promise<void> }> = {
  reach: { words: 1, act: reach },
  install: { words: 2, act: install },
  remove: { words: 1, act: remove },
};

const SAID_PLAINLY = [SettingsInvalid, RemoteFailed, SecretMissing, BuildError];
const { releases, current } = toLayout();

/** Whether it can be worked on. */
async function reach(ssh: string): Promise<void> {
  const said = await toSshRemote(ssh).run(
    'test "$(id -u)" = 0 || { echo root is wanted >&2; exit 1; }; . /etc/os-release; echo "$PRETTY_NAME"',
  );
  say(`reached: ${said}`);
}

async function install(settingsFile: string, name: string): Promise<void> {
  const host = readSettings(settingsFile).hosts[name];
  if (!host) throw new SettingsInvalid(settingsFile, [`hosts: there is no ${name}`]);
  const wrong = await verifyRelease(host.release, host.releaseKey ? await readPublicKey(host.releaseKey) : 'unsigned');
  if (wrong.length > 0) throw new BuildError(`${host.release} is not what it must be:\n${wrong.join('\n')}`);
  const id = createHash('sha256')
    .update(await readFile(join(host.release, SUMS)))
    .digest('hex');
  const remote = toRemote(planSsh(host.ssh));
  const { sent, linked } = await uploadRelease(host.release, id, releases, remote);
  say(`${id}: ${sent} files went over, ${linked} were there`);
  const words = [
    ...(host.readySeconds ? ['--ready-seconds', host.readySeconds] : []),
    ...((await placeSecrets(host.secrets, remote, process.env)) ? ['--restart'] : []),
  ];
  say(await remote.run([`${releases}/${id}/bin/oriel-host install --env -`, ...words].join(' '), toEnvironmentFile(host)));
}

async function remove(ssh: string): Promise<void> {
  say(await toSshRemote(ssh).run(`test ! -e ${current} || ${current}/bin/oriel-host remove`));
}

function toSshRemote(ssh: string): Remote {
  return toRemote(planSsh(JSON.parse(ssh) as SshSettings));
}

function say(text: string): void {
  if (text) process.stdout.write(`${text.trimEnd()}\n`);
}

const [verb, ...words] = process.argv.slice(2);
try {
  const found = VERBS[verb ?? ''];
  if (found?.words !== words.length) throw new BuildError(USAGE);
  await found.act(...words);
} catch (error) {
  const isPlain = SAID_PLAINLY.some((kind) => error instanceof kind);
  process.stderr.write(`${isPlain ? (error as Error).message : ((error as Error).stack ?? error)}\n`);
  process.exitCode = 1;
}
