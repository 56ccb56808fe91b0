import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPublicKey } from '../../images/src/attest/keys.ts';
import { BuildError } from '../../images/src/errors.ts';
import { toLayout } from '../host/layout.ts';
import { SUMS } from '../release/release.ts';
import { verifyRelease } from '../release/verify.ts';
import { SECRETS, toEnvironmentFile, type HostSettings } from '../settings/host.ts';
import { findEntry } from '../settings/settings.ts';
import { planSsh, toRemote, toSshRemote, type Remote } from './remote.ts';
import { placeSecrets } from './secrets.ts';
import { uploadRelease } from './upload.ts';
import type { Verbs } from './verbs.ts';

/** What the host stack's steps run. */
export const HOST_VERBS: Verbs = {
  reach: { words: ['SSH'], act: reach },
  install: { words: ['SETTINGS', 'NAME'], act: install },
  remove: { words: ['SSH'], act: remove },
};

const { releases, current } = toLayout();

/** Whether it can be worked on. */
async function reach(ssh: string): Promise<string> {
  const said = await toSshRemote(ssh).run(
    'test "$(id -u)" = 0 || { echo root is wanted >&2; exit 1; }; . /etc/os-release; echo "$PRETTY_NAME"',
  );
  return `reached: ${said}`;
}

async function install(settingsFile: string, name: string): Promise<string> {
  const host = findEntry(settingsFile, 'hosts', name);
  const wrong = await verifyRelease(host.release, host.releaseKey ? await readPublicKey(host.releaseKey) : 'unsigned');
  if (wrong.length > 0) throw new BuildError(`${host.release} is not what it must be:\n${wrong.join('\n')}`);
  const id = createHash('sha256')
    .update(await readFile(join(host.release, SUMS)))
    .digest('hex');
  const remote = toRemote(planSsh(host.ssh));
  const { sent, linked } = await uploadRelease(host.release, id, releases, remote);
  const words = [
    ...(host.readySeconds ? ['--ready-seconds', host.readySeconds] : []),
    ...(host.secrets ? ['--secrets', await stageSecrets(host.secrets, remote)] : []),
  ];
  const said = await remote.run([`${releases}/${id}/bin/oriel-host install --env -`, ...words].join(' '), toEnvironmentFile(host));
  return `${id}: ${sent} files went over, ${linked} were there\n${said}`;
}

/** Beside those that count: what puts a release back puts them back, too. */
async function stageSecrets(secrets: HostSettings['secrets'], remote: Remote): Promise<string> {
  const dir = `${SECRETS}.new`;
  await remote.run(`rm -rf ${dir}`);
  await placeSecrets(secrets, remote, process.env, dir);
  return dir;
}

function remove(ssh: string): Promise<string> {
  return toSshRemote(ssh).run(`test ! -e ${current} || ${current}/bin/oriel-host remove`);
}
