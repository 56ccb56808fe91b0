import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { toOrigin } from '../../host/host.ts';
import { installRelease, ReleaseUnhealthy, removeOriel, rollBack } from '../../host/install.ts';
import { HostUnfit, readyHost } from '../../host/ready-host.ts';
import { FakeHost } from './fake-host.ts';

const test = suite('install');
const SOON = { readyMs: 20 };
const id = (letter: string) => letter.repeat(64);

test('the first release runs: units, image, kernel, variables, links; and again changes nothing', async () => {
  using host = new FakeHost();
  const release = host.put('a');
  await installRelease(release, host.layout, host, { env: 'ORIEL_PORT=7081\n', ...SOON });
  assert.equal(host.census(), {
    'etc/oriel/oriel.env': '600 ORIEL_PORT=7081\n',
    'etc/systemd/system/oriel.service': '644 unit a',
    'opt/oriel/current': `→ ${id('a')}`,
    'var/lib/oriel/images/a/file': '644 a',
    'var/lib/oriel/images/latest': '→ a',
    'var/lib/oriel/kernels/k/file': '644 k',
    'var/lib/oriel/kernels/latest': '→ k',
  });
  assert.equal([host.running, host.isEnabled], [id('a'), true]);
  host.ran.length = 0;
  const before = host.census();
  await installRelease(release, host.layout, host, { env: 'ORIEL_PORT=7081\n', ...SOON });
  assert.not.ok(host.ran.includes('systemctl restart oriel'));
  assert.equal(host.census(), before);
  assert.is(host.said.at(-1), `${id('a')} runs already`);
});

test('other variables alone begin it anew, and so does its death', async () => {
  using host = new FakeHost();
  const release = host.put('a');
  await installRelease(release, host.layout, host, { env: 'A=1', ...SOON });
  for (const change of [() => undefined, () => (host.running = undefined)]) {
    change();
    host.ran.length = 0;
    await installRelease(release, host.layout, host, { env: 'A=2', ...SOON });
    assert.ok(host.ran.includes('systemctl restart oriel'));
  }
});

test('secrets come from a folder of their own: a changed one begins it anew, and what fails puts them back with everything else', async () => {
  using host = new FakeHost();
  const staged = join(host.root, 'staged');
  const stage = (text: string) => (mkdirSync(staged, { recursive: true }), writeFileSync(join(staged, 'webhook'), text));
  stage('old');
  const release = host.put('a');
  await installRelease(release, host.layout, host, { secrets: staged, ...SOON });
  host.ran.length = 0;
  await installRelease(release, host.layout, host, { secrets: staged, ...SOON });
  assert.not.ok(host.ran.includes('systemctl restart oriel'));
  stage('new');
  host.unhealthy.add(id('b'));
  await installRelease(host.put('b'), host.layout, host, { secrets: staged, ...SOON }).catch(() => undefined);
  assert.is(host.census()['etc/oriel/secrets/webhook'], '600 old');
  await installRelease(release, host.layout, host, { secrets: staged, ...SOON });
  assert.is(host.census()['etc/oriel/secrets/webhook'], '600 new');
});

test('back is to the variables that the release before had last, not to older ones', async () => {
  using host = new FakeHost();
  const [a, b] = [host.put('a'), host.put('b')];
  for (const env of ['A=1', 'A=2']) await installRelease(a, host.layout, host, { env, ...SOON });
  await installRelease(b, host.layout, host, { env: 'B=1', ...SOON });
  await rollBack(host.layout, host, SOON);
  assert.equal([host.running, host.census()['etc/oriel/oriel.env']], [id('a'), '600 A=2']);
  await rollBack(host.layout, host, SOON);
  assert.equal([host.running, host.census()['etc/oriel/oriel.env']], [id('b'), '600 B=1']);
});

test('the next one runs, the one before is remembered, the oldest goes', async () => {
  using host = new FakeHost();
  for (const [index, letter] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) {
    const release = host.put(letter);
    utimesSync(release, index, index);
    await installRelease(release, host.layout, host, SOON);
  }
  assert.is(host.running, id('f'));
  assert.equal(readdirSync(host.layout.releases).sort(), ['c', 'd', 'e', 'f'].map(id));
  await rollBack(host.layout, host, SOON);
  assert.is(host.running, id('e'));
  await rollBack(host.layout, host, SOON);
  assert.is(host.running, id('f'), 'back again is forward');
});

test('one that does not become ready is taken back whole: units, variables, image, links; the one before runs', async () => {
  using host = new FakeHost();
  await installRelease(host.put('a'), host.layout, host, { env: 'A=1', ...SOON });
  const before = host.census();
  const release = host.put('b');
  host.unhealthy.add(id('b'));
  const error = await installRelease(release, host.layout, host, { env: 'A=2', ...SOON }).catch((reason: Error) => reason);
  assert.instance(error, ReleaseUnhealthy);
  assert.match((error as Error).message, /was not ready within .*image is missing\nits last words/);
  const { 'var/lib/oriel/images/b/file': image, ...rest } = host.census();
  assert.is(image, '644 b', 'an image by its content is no harm');
  assert.equal(rest, before);
  assert.is(host.running, id('a'));
  assert.is(host.said.at(-1), `taken back: ${id('a')} runs again`);
});

test('a first one that does not become ready leaves nothing installed', async () => {
  using host = new FakeHost();
  host.unhealthy.add(id('a'));
  const error = await installRelease(host.put('a'), host.layout, host, { env: 'A=1', ...SOON }).catch((reason: Error) => reason);
  assert.instance(error, ReleaseUnhealthy);
  assert.equal(Object.keys(host.census()), ['var/lib/oriel/images/a/file', 'var/lib/oriel/kernels/k/file']);
  assert.equal([host.running, host.isEnabled], [undefined, false]);
});

for (const command of ['systemctl daemon-reload', 'systemctl enable', 'systemctl restart'])
  test(`where ${command} fails, all is as before, and the next try goes through`, async () => {
    using host = new FakeHost();
    await installRelease(host.put('a'), host.layout, host, { env: 'A=1', ...SOON });
    const before = host.census();
    const release = host.put('b', 'a');
    host.fails.set(command, { stderr: 'no bus' });
    const error = await installRelease(release, host.layout, host, { env: 'A=2', ...SOON }).catch((reason: Error) => reason);
    assert.match((error as Error).message, /systemctl .* ended with 1: no bus/);
    assert.equal(host.census(), before);
    host.fails.clear();
    await installRelease(release, host.layout, host, { env: 'A=2', ...SOON });
    assert.is(host.running, id('b'));
  });

test('without one before there is nothing to go back to, which is said', async () => {
  using host = new FakeHost();
  await installRelease(host.put('a'), host.layout, host, SOON);
  const error = await rollBack(host.layout, host, SOON).catch((reason: Error) => reason);
  assert.match((error as Error).message, /no release before this one/);
});

test('removed, nothing is left but data and settings, which is said; with --data nothing at all', async () => {
  using host = new FakeHost();
  await installRelease(host.put('a'), host.layout, host, { env: 'A=1', ...SOON });
  await removeOriel(host.layout, host);
  assert.ok(host.ran.includes('/opt/oriel/current/bin/oriel down'));
  assert.ok(Object.keys(host.census()).every((path) => path.startsWith('var/lib/oriel/') || path.startsWith('etc/oriel/')));
  assert.match(host.said.at(-1)!, /Data is left: .*var\/lib\/oriel .*etc\/oriel/);
  await removeOriel(host.layout, host, { data: true });
  assert.equal(host.census(), {});
});

test('desktops that cannot be ended keep everything where it is', async () => {
  using host = new FakeHost();
  await installRelease(host.put('a'), host.layout, host, SOON);
  const before = host.census();
  host.fails.set('/opt/oriel/current/bin/oriel down', { stderr: 'a machine hangs' });
  const error = await removeOriel(host.layout, host).catch((reason: Error) => reason);
  assert.match((error as Error).message, /could not be ended.*a machine hangs/);
  assert.is(host.ran.at(-1), 'systemctl start oriel');
  assert.ok(host.isEnabled);
  assert.equal(host.census(), before);
});

test('a host that is not fit is told everything at once, and nothing is installed on it', async () => {
  using host = new FakeHost();
  host.fails.set('systemctl --version', { code: 0, stdout: 'systemd 252 (252.39)' });
  const error = await readyHost(host, 'auto', `${host.root}/`).catch((reason: Error) => reason);
  assert.instance(error, HostUnfit);
  assert.is((error as HostUnfit).problems.length, 2);
  assert.match((error as Error).message, /systemd is 252, 254 or later.*\n.*version 1/);
  assert.not.ok(host.ran.some((line) => line.startsWith('apt-get')));
});

test('packages are asked for by what is missing, those of virtual machines where these can be', async () => {
  for (const [driver, hasKvm, wanted] of [
    ['container', true, 'crun'],
    ['auto', false, 'crun'],
    ['auto', true, 'crun qemu-system-x86 e2fsprogs'],
  ] as const) {
    using host = new FakeHost();
    mkdirSync(join(host.root, 'sys/fs/cgroup'), { recursive: true });
    writeFileSync(join(host.root, 'sys/fs/cgroup/cgroup.controllers'), '');
    mkdirSync(join(host.root, 'dev'));
    if (hasKvm) writeFileSync(join(host.root, 'dev/kvm'), '');
    for (const program of ['crun', 'qemu-system', 'mkfs.ext4']) host.fails.set(`which ${program}`, {});
    await readyHost(host, driver, `${host.root}/`);
    assert.is(host.ran.at(-1), `apt-get -qq install --yes --no-install-recommends ${wanted}`);
  }
});

test('where the controller answers is read from its variables', () => {
  assert.is(toOrigin(''), 'http://127.0.0.1:7080');
  assert.is(toOrigin('ORIEL_BIND="0.0.0.0"\nORIEL_PORT=81\n'), 'http://127.0.0.1:81');
  assert.is(toOrigin("ORIEL_BIND=10.0.0.1\nORIEL_BIND='10.0.0.2'\n#ORIEL_PORT=9\nORIEL_PORT=\n"), 'http://10.0.0.2:7080');
  assert.is(toOrigin('ORIEL_BIND=::1\n'), 'http://[::1]:7080');
  assert.is(toOrigin('ORIEL_BIND=::\n'), 'http://127.0.0.1:7080');
});

test.run();
