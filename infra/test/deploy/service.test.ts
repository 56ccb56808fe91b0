import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { toRemote } from '../../deploy/remote.ts';
import { planInstall, planRemove, type Service, toServiceHash } from '../../deploy/service.ts';

const test = suite('service');
let root = '';

const SERVICE: Service = {
  name: 'thing',
  packages: ['thing'],
  group: 'root',
  files: { 'thing.conf': 'one\n', 'unit.conf': '[Service]\n' },
  secrets: { token: { from: { env: 'TOKEN' } } },
  copies: { '/etc/systemd/system/thing.service.d/oriel.conf': 'unit.conf' },
  units: ['thing.service'],
  check: 'grep -qx one thing.conf || grep -qx two thing.conf',
};

/** A host's programs, which write down what they were asked; the thing runs while its configuration says something good. */
const PROGRAMS: Record<string, string> = {
  systemctl: `echo "systemctl $*" >>$ROOT/log
case "$*" in
restart*) grep -qx bad $ROOT/etc/oriel-thing/extra 2>/dev/null && { rm -f $ROOT/active; exit 1; }; touch $ROOT/active;;
*is-active*) test -e $ROOT/active;;
*disable*) rm -f $ROOT/active;;
esac`,
  'dpkg-query': `case "$*" in *Status*) test -e $ROOT/installed && printf installed || exit 1;; *) echo base; test ! -e $ROOT/installed || printf 'thing\\nthing-data\\n';; esac`,
  'apt-get': `echo "apt-get $*" >>$ROOT/log; case "$*" in *simulate*purge*) for one in $(echo "$*" | sed 's/.*purge//') $(cat $ROOT/needs 2>/dev/null); do echo "Purg $one [1]"; done;; *install*) touch $ROOT/installed;; *purge*) rm -f $ROOT/installed;; *autoremove*) echo 'Remv thing-data [1]'; echo 'Remv of-somebody [1]';; esac`,
  'apt-mark': 'echo thing; echo of-somebody',
  journalctl: 'echo what the thing said last',
};

test.beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'oriel-service-'));
  mkdirSync(join(root, 'bin'));
  for (const [name, script] of Object.entries(PROGRAMS)) {
    writeFileSync(join(root, 'bin', name), `#!/bin/sh\nROOT=${root}\n${script}\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  }
});
test.afterEach(() => rmSync(root, { recursive: true }));

/** As sshd would run it, here. */
function run(script: string, input = ''): Promise<string> {
  return toRemote(['env', `PATH=${root}/bin:${process.env.PATH}`, 'sh', '-c']).run(script, input);
}

function install(service: Service, more: Record<string, string> = {}): Promise<string> {
  const files = { ...service.files, token: 'a canary', ...more };
  const input = Object.entries(files).map(([path, text]) => `${path} ${Buffer.from(text).toString('base64')}\n`);
  return run(planInstall(service, root), input.join(''));
}

const log = () => readFileSync(join(root, 'log'), 'utf8');
const at = (path: string) => join(root, path);

test('it comes with its packages, runs with its files, which its group alone reads, and its unit is told', async () => {
  assert.is(await install(SERVICE), 'thing runs\n');
  assert.is(readFileSync(at('etc/oriel-thing/thing.conf'), 'utf8'), 'one\n');
  assert.is(readFileSync(at('etc/systemd/system/thing.service.d/oriel.conf'), 'utf8'), '[Service]\n');
  assert.is(statSync(at('etc/oriel-thing')).mode & 0o7777, 0o750);
  assert.is(statSync(at('etc/oriel-thing/token')).mode & 0o7777, 0o640);
  assert.match(
    log(),
    /mask --runtime thing\.service\napt-get -qq update\napt-get -qq install --yes --no-install-recommends thing\n.*unmask/s,
  );
  assert.is(readFileSync(at('var/lib/oriel-thing/packages'), 'utf8'), 'thing\nthing-data\n');
});

test('again with the same it changes nothing; with another file it begins anew', async () => {
  await install(SERVICE);
  rmSync(at('log'));
  assert.is(await install(SERVICE), 'thing runs already\n');
  assert.not.match(log(), /restart|install/);
  assert.is(await install({ ...SERVICE, files: { ...SERVICE.files, 'thing.conf': 'two\n' } }), 'thing runs\n');
  assert.match(log(), /restart thing\.service/);
  assert.not.match(log(), /install/);
});

test('one that is wrong, and one that does not come up, is put back: the one before runs', async () => {
  await install(SERVICE);
  for (const more of [{ 'thing.conf': 'three\n' }, { extra: 'bad\n' }] as Record<string, string>[]) {
    const error = await install(SERVICE, more).then(
      () => '',
      (reason: Error) => reason.message,
    );
    assert.match(error, /what the thing said last/);
    assert.match(error, /taken back, as it was before it runs again/);
    assert.not.match(error, /canary/);
    assert.is(readFileSync(at('etc/oriel-thing/thing.conf'), 'utf8'), 'one\n');
    assert.not(existsSync(at('etc/oriel-thing/extra')));
    assert.ok(existsSync(at('active')));
  }
});

test('the first one that does not come up leaves nothing that runs, and nothing that would', async () => {
  const error = await install(SERVICE, { extra: 'bad\n' }).then(
    () => '',
    (reason: Error) => reason.message,
  );
  assert.match(error, /taken back, nothing was there before/);
  for (const path of ['etc/oriel-thing', 'etc/systemd/system/thing.service.d/oriel.conf', 'active']) assert.not(existsSync(at(path)), path);
});

test('removal takes files, unit and the packages that came with it, nobody else’s; and says what is left', async () => {
  await install(SERVICE);
  mkdirSync(at('var/lib/oriel-thing/data'));
  const said = await run(planRemove({ ...SERVICE, copies: Object.keys(SERVICE.copies) }, root));
  assert.match(said, /data is left: .*\/var\/lib\/oriel-thing\n.*is gone/);
  for (const path of ['etc/oriel-thing', 'etc/systemd/system/thing.service.d/oriel.conf', 'active', 'var/lib/oriel-thing/packages'])
    assert.not(existsSync(at(path)), path);
  assert.match(log(), /-qq purge --yes thing thing-data\n/);
  assert.not.match(log(), /purge.*of-somebody/);
  rmSync(at('var/lib/oriel-thing/data'), { recursive: true });
  assert.is(await run(planRemove({ ...SERVICE, copies: [] }, root)), 'thing is gone\n');
  assert.not(existsSync(at('var/lib/oriel-thing')));
});

test('of what others have come to need, or somebody has asked for, nothing is taken', async () => {
  const removal = { ...SERVICE, copies: Object.keys(SERVICE.copies) };
  await install(SERVICE);
  writeFileSync(at('needs'), 'of-somebody');
  await run(planRemove(removal, root));
  assert.match(log(), /-qq purge --yes thing\n/);
  assert.match(log(), /-qq purge --yes thing-data\n/);
  rmSync(at('log'));
  writeFileSync(at('bin/apt-mark'), '#!/bin/sh\necho thing; echo thing-data\n');
  rmSync(at('needs'));
  await install(SERVICE);
  await run(planRemove(removal, root));
  assert.match(log(), /-qq purge --yes thing\n/);
  assert.not.match(log(), /-qq purge.*thing-data/);
});

test('packages that were there before stay', async () => {
  writeFileSync(at('installed'), '');
  await install(SERVICE);
  await run(planRemove({ ...SERVICE, copies: Object.keys(SERVICE.copies) }, root));
  assert.ok(existsSync(at('installed')));
  assert.not.match(log(), /apt-get/);
});

test('its hash is of content, in whatever order it is written', () => {
  const { files, ...rest } = SERVICE;
  assert.is(toServiceHash({ files: Object.fromEntries(Object.entries(files).reverse()), ...rest }), toServiceHash(SERVICE));
  assert.is.not(toServiceHash({ ...SERVICE, files: { ...files, 'thing.conf': 'two\n' } }), toServiceHash(SERVICE));
});

test.run();
