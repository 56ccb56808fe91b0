import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing } from 'cdktf';
import { toBuiltIn } from '#test/server/built-in';
import { TERRAFORM } from '#test/server/terraform';
import { assert, suite } from '#test/suite';
import { readSettings, type Settings } from '../../settings/settings.ts';
import { makeStacks } from '../../stacks/stacks.ts';
import { writeSections } from '../settings/fixture.ts';

/* The real Terraform on the plans of all stacks, without their commands; the provider is a stand-in (test/kit/server/built-in.ts). */
const test = suite('plans by Terraform', { timeoutMs: 240_000 });
const { dir, path } = writeSections();
const states = mkdtempSync(join(tmpdir(), 'oriel-plan-'));
const env = { PATH: process.env.PATH, HOME: states, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };

test.after(() => {
  for (const folder of [dir, states]) rmSync(folder, { recursive: true });
});

/** Writes each stack's plan, with its state beside it. Gives the stacks' names. */
function synth(settings: Settings): string[] {
  return makeStacks(Testing.app(), 'settings.json', settings).map((stack) => {
    const plan = JSON.parse(toBuiltIn(Testing.synth(stack))) as { resource: { terraform_data: Record<string, object> }; terraform: object };
    for (const step of Object.values(plan.resource.terraform_data)) delete (step as { provisioner?: object }).provisioner;
    mkdirSync(join(states, stack.node.id), { recursive: true });
    writeFileSync(join(states, stack.node.id, 'cdk.tf.json'), JSON.stringify({ ...plan, terraform: {} }));
    return stack.node.id;
  });
}

const run = (stack: string, ...words: string[]) =>
  spawnSync(TERRAFORM!, [`-chdir=${join(states, stack)}`, ...words, '-no-color'], { env, encoding: 'utf8' });

/** Whether there is something to do: none 0, some 2; and its words. */
const plan = (stack: string) => run(stack, 'plan', '-input=false', '-detailed-exitcode');

if (TERRAFORM)
  test('Terraform takes the plan of each stack; a second one changes nothing, another setting what it should', () => {
    const settings = readSettings(path);
    const stacks = synth(settings);
    assert.ok(stacks.length >= 8, stacks.join());
    for (const stack of stacks) {
      execFileSync(TERRAFORM!, [`-chdir=${join(states, stack)}`, 'init', '-input=false'], { env, stdio: 'pipe' });
      assert.is(plan(stack).status, 2, `${stack}: nothing is there yet`);
      assert.is(run(stack, 'apply', '-auto-approve', '-input=false').status, 0, stack);
    }
    synth(readSettings(path));
    for (const stack of stacks) assert.is(plan(stack).status, 0, `${stack}: ${plan(stack).stdout}`);
    settings.edge.front!.open = ['operator'];
    synth(settings);
    const { status, stdout } = plan('edge-front');
    assert.is(status, 2);
    assert.match(stdout, /terraform_data\.service must be replaced/);
    assert.match(stdout, /Plan: 1 to add, 0 to change, 1 to destroy/);
    assert.is(plan('host-first').status, 0);
  });
else test.skip('Terraform takes the plan of each stack', 'there is no terraform, and no tofu');

test.run();
