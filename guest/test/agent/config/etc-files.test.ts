import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { toEtcFiles, writeEtcFiles } from '../../../src/agent/config/etc-files.ts';
import { CONFIG } from '../../fakes/config.ts';

const test = suite('etc files');
const files = toEtcFiles(CONFIG);

test('programs learn the proxy by every name that any of them reads', () => {
  assert.is(
    files['environment'],
    [
      'http_proxy=http://192.168.100.1:10001',
      'https_proxy=http://192.168.100.1:10001',
      'HTTP_PROXY=http://192.168.100.1:10001',
      'HTTPS_PROXY=http://192.168.100.1:10001',
      'no_proxy=localhost,127.0.0.1,192.168.100.0/24,192.168.100.1,192.168.100.2',
      'NO_PROXY=localhost,127.0.0.1,192.168.100.0/24,192.168.100.1,192.168.100.2',
      'NODE_USE_ENV_PROXY=1',
      'LANG=C.UTF-8',
      '',
    ].join('\n'),
  );
});

test('Chromium is told by policy', () => {
  assert.equal(JSON.parse(files['chromium-policy.json']!), {
    ProxySettings: {
      ProxyMode: 'fixed_servers',
      ProxyServer: '192.168.100.1:10001',
      ProxyBypassList: 'localhost,127.0.0.1,192.168.100.0/24',
    },
  });
});

test('the machine has its name', () => {
  assert.is(files['hostname'], 'desk1\n');
  assert.match(files['hosts']!, '127.0.1.1 desk1\n');
});

test('no name server is named', () => {
  assert.not.match(files['resolv.conf']!, /^nameserver/m);
});

test('the machine id is a machine’s own, and always the same', () => {
  assert.match(files['machine-id']!, /^[0-9a-f]{32}\n$/);
  assert.is(files['machine-id'], toEtcFiles(CONFIG)['machine-id']);
  assert.is.not(files['machine-id'], toEtcFiles({ ...CONFIG, machineId: 'm-bbbbbbbbbbbb' })['machine-id']);
});

test('no secret is in any of them', () => {
  assert.not.match(JSON.stringify(files), CONFIG.token);
});

test('they are written whole, over what was there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oriel-'));
  await writeEtcFiles(folder, { hostname: 'old\n' });
  await writeEtcFiles(folder, files);
  assert.equal((await readdir(folder)).sort(), Object.keys(files).sort());
  assert.is(await readFile(join(folder, 'hostname'), 'utf8'), 'desk1\n');
  await rm(folder, { recursive: true });
});

test.run();
