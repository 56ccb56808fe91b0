import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateWorkflow } from '@action-validator/core';
import { parse } from 'yaml';
import { assert, suite } from '#test/suite';

const test = suite('workflows');
const ROOT = join(import.meta.dirname, '../..');
const DIR = join(ROOT, '.github/workflows');
const recipes = readRecipes(readFileSync(join(ROOT, 'justfile'), 'utf8'));

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Workflow {
  permissions?: Record<string, string>;
  concurrency?: object;
  jobs: Record<string, { permissions?: Record<string, string>; 'timeout-minutes'?: number; steps: Step[]; needs?: string[]; if?: string }>;
}

const files = readdirSync(DIR);
const texts = Object.fromEntries(files.map((name) => [name, readFileSync(join(DIR, name), 'utf8')]));

for (const [name, text] of Object.entries(texts)) {
  const workflow = parse(text) as Workflow;
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);

  test(`${name} is a workflow, by the published schema`, () => {
    // The schema in the validator is older than this one permission, which is asked for below.
    const known = text.replace(/^ *attestations: write\n/m, '');
    assert.equal(validateWorkflow(known).errors, []);
    for (const [broken, instead] of [
      ['runs-on: ', 'runs-in: '],
      ['timeout-minutes: 15', 'timeout-minutes: soon'],
      ['needs: [check', 'needs: [chek'],
    ] as const) {
      assert.ok(known.includes(broken), broken);
      assert.ok(validateWorkflow(known.replace(broken, instead)).errors.length > 0, `${instead} is no mistake`);
    }
  });

  test(`${name}: every recipe that it names is there, with the words that it is given`, () => {
    const named = steps.flatMap(({ run = '' }) => [...run.matchAll(/\$JUST ([a-z-]+)(?: (.*))?/g)]);
    const said = named.map(([, recipe]) => recipe!);
    for (const recipe of said) assert.ok(recipes.includes(recipe), `there is no recipe ${recipe}`);
    for (const wanted of ['check', 'build-image', 'image-repro', 'test', 'release', 'verify-release'])
      assert.ok(said.includes(wanted), `${wanted} is not run`);
    for (const [line, recipe, words = ''] of named)
      if (recipe === 'build-image') assert.ok(words.includes('--frozen'), `${line}: nothing that is given away is of another lock`);
  });

  test(`${name}: it may read, and a release alone may write what it has to; nothing waits for ever, nothing keeps a token`, () => {
    assert.equal(workflow.permissions, { contents: 'read' });
    assert.ok(workflow.concurrency);
    const writers = jobs.filter(([, { permissions }]) => permissions);
    assert.equal(
      writers.map(([job, { permissions, needs, if: when }]) => ({ job, permissions, needs, when })),
      [
        {
          job: 'release',
          permissions: { contents: 'write', 'id-token': 'write', attestations: 'write' },
          needs: ['check', 'image', 'test'],
          when: "github.ref_type == 'tag'",
        },
      ],
    );
    for (const [job, { 'timeout-minutes': minutes }] of jobs) assert.ok(minutes! > 0, job);
    for (const { uses, with: words } of steps) {
      if (uses) assert.match(uses, /^actions\/[a-z-]+@v\d+$/);
      if (uses?.startsWith('actions/checkout@')) assert.is(words?.['persist-credentials'], false);
    }
    // What somebody else named (a branch, a title) is never a part of a shell's text.
    for (const { run = '' } of steps) assert.not.match(run, /\$\{\{/);
  });

  test(`${name}: a shell understands each of its commands`, () => {
    for (const { run } of steps) if (run) execFileSync('bash', ['-n'], { input: run });
  });
}

test('there is a workflow', () => assert.ok(files.length > 0));

test.run();

/** Names of a justfile's recipes. */
function readRecipes(text: string): string[] {
  return [...text.matchAll(/^([a-z][a-z-]*)(?: [^:=]*)?:(?!=)/gm)].map(([, name]) => name!);
}
