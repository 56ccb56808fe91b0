import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { isThere } from '#scripts/is-there';
import { toBuiltIn } from './built-in.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
export const TERRAFORM = ['terraform', 'tofu'].find(isThere);

/** An operator's Terraform, with its states in `dir`. Plans are synthesised anew from the settings there each time. */
export class Terraform {
  readonly settingsFile: string;
  readonly #dir: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(dir: string, env: NodeJS.ProcessEnv = {}) {
    this.#dir = dir;
    this.settingsFile = join(dir, 'settings.json');
    this.#env = { ...process.env, ...env, ORIEL_INFRA_SETTINGS: this.settingsFile, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  }

  writeSettings(settings: object): void {
    writeFileSync(this.settingsFile, JSON.stringify(settings));
  }

  /** Has it do something with a stack: gives what it said, in one line. Throws with what it said. */
  async run(stack: string, ...words: string[]): Promise<string> {
    const run = promisify(execFile);
    await run(process.execPath, ['infra/main.ts'], { cwd: ROOT, env: this.#env });
    const synthesised = join(ROOT, 'infra/cdktf.out/stacks', stack);
    const plan = toBuiltIn(readFileSync(join(synthesised, 'cdk.tf.json'), 'utf8'));
    writeFileSync(join(synthesised, 'cdk.tf.json'), plan.replace(`../../../${stack}.tfstate`, this.stateFile(stack)));
    const data = join(this.#dir, 'terraform', stack);
    mkdirSync(data, { recursive: true });
    const more = words[0] === 'init' ? [] : ['-input=false', '-no-color'];
    const env = { ...this.#env, TF_DATA_DIR: data };
    return run(TERRAFORM!, [`-chdir=${synthesised}`, ...words, ...more], { env, maxBuffer: 1 << 24 }).then(
      ({ stdout, stderr }) => toWords(`${stdout}${stderr}`),
      (error: { stdout: string; stderr: string }) => {
        throw new Error(toWords(`${error.stdout}${error.stderr}`));
      },
    );
  }

  async apply(stack: string): Promise<string> {
    await this.run(stack, 'init');
    return this.run(stack, 'apply', '-auto-approve');
  }

  stateFile(stack: string): string {
    return join(this.#dir, `${stack}.tfstate`);
  }
}

/** It breaks lines wherever they are long. */
function toWords(text: string): string {
  return text.replace(/\s+/g, ' ');
}
