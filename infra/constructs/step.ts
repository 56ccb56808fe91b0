import { NullProvider } from '@cdktf/provider-null/lib/provider/index.js';
import { Resource } from '@cdktf/provider-null/lib/resource/index.js';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

export interface StepOptions {
  /** What it was done with, by name: hashes of content, and what `destroy` needs. Another value does it again. */
  triggers: Record<string, string>;
  /** Words of the command that does it. */
  create: readonly string[];
  /**
   * Words of the command that undoes it. They may name triggers as `${self.triggers.NAME}`, and nothing else of the plan. Terraform runs it
   * for each new value of a trigger, too, before `create`; and not for a step whose `create` failed.
   */
  destroy?: readonly string[];
  /** Steps that come before, and are undone after. */
  after?: readonly Step[];
}

/** From a stack's folder in cdktf.out to the repository: no checkout's own path is in a plan. */
const REPOSITORY = '${path.module}/../../../..';

/** Something that is done by a command of this repository's, and undone by another. The one place that knows the null provider. */
export class Step extends Resource {
  constructor(scope: Construct, id: string, { triggers, create, destroy, after = [] }: StepOptions) {
    const stack = TerraformStack.of(scope);
    if (!stack.node.tryFindChild('null')) new NullProvider(stack, 'null');
    const common = { type: 'local-exec', workingDir: REPOSITORY } as const;
    super(scope, id, {
      triggers,
      provisioners: [
        { ...common, command: toCommand(create) },
        ...(destroy ? [{ ...common, command: toCommand(destroy), when: 'destroy' as const }] : []),
      ],
      ...(after.length > 0 && { dependsOn: [...after] }),
    });
  }
}

/** Terraform has a command's words as one text for a shell. */
function toCommand(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
