import { suite, assert } from '#test/suite';
import { toConfig } from '../src/config.ts';
import { problemsOf } from './config-problems.ts';

const test = suite('config');

test('an empty environment gives a controller for this host only', () => {
  const config = toConfig({ PATH: '/bin', ORIEL_BIND: '' });
  assert.is(config.bind, '127.0.0.1');
  assert.is(config.port, 7080);
  assert.is(config.dataDir, '/var/lib/oriel');
  assert.equal(config.display, { width: 1280, height: 720 });
  assert.equal(config.limits, { memoryMib: 2048, cpus: 2, pids: 2048 });
  assert.is(config.driver, 'auto');
});

test('values are typed, with their units', () => {
  const config = toConfig({
    ORIEL_DISPLAY: '1024x768',
    ORIEL_BOOT_TIMEOUT_SECONDS: '1.5',
    ORIEL_PUBLIC_ADDRESSES: '203.0.113.7, 203.0.113.8',
    ORIEL_CORS_ORIGINS: 'https://a.example',
    ORIEL_PUBLIC_URL: 'https://desk.example/',
  });
  assert.equal(config.display, { width: 1024, height: 768 });
  assert.is(config.timeoutMs.boot, 1500);
  assert.equal(config.publicAddresses, ['203.0.113.7', '203.0.113.8']);
  assert.equal(config.corsOrigins, ['https://a.example']);
  assert.is(config.publicUrl, 'https://desk.example');
});

test('the way out: straight, without end, until something else is said', () => {
  const limits = { connections: 1024, connectionsPerSecond: 100 };
  assert.equal(toConfig({}).egress, { upstreamsFile: undefined, probeUrl: undefined, probeEveryMs: 30_000, cooldownMs: 300_000, limits });
  const env = { ORIEL_EGRESS_UPSTREAMS_FILE: '/etc/oriel/upstreams.json', ORIEL_EGRESS_COOLDOWN_SECONDS: '0', ORIEL_EGRESS_MIB: '2' };
  const { upstreamsFile, cooldownMs, limits: given } = toConfig(env).egress;
  assert.equal([upstreamsFile, cooldownMs, given.bytes], ['/etc/oriel/upstreams.json', 0, 2 * 2 ** 20]);
  assert.equal(problemsOf({ ORIEL_EGRESS_PROBE_URL: 'http://' }), ['ORIEL_EGRESS_PROBE_URL: it is not like https://echo.example/ip']);
});

test('the command that tells master keys is a list of words, and there is no file beside it', () => {
  const command = 'ORIEL_CREDENTIALS_KEY_COMMAND';
  const words = ['/bin/keys', '--of', 'a b'];
  assert.equal(toConfig({ [command]: JSON.stringify(words) }).credentials.keyCommand, words);
  for (const wrong of ['/bin/keys --of x', '[]', '["keys"]', '[1]', '{}'])
    assert.match(problemsOf({ [command]: wrong }).join(), /ORIEL_CREDENTIALS_KEY_COMMAND: it is not a JSON list of words like/, wrong);
  const both = problemsOf({ [command]: JSON.stringify(words), ORIEL_CREDENTIALS_KEY_FILE: '/keys' });
  assert.equal(both.length, 1);
  assert.match(both[0]!, /from one of them/);
});

test('all problems are told together, each with its variable', () => {
  const problems = problemsOf({ ORIEL_PORT: 'seven', ORIEL_MEMORY_MIB: '1', ORIEL_LOG_LEVEL: 'loud' });
  assert.is(problems.length, 3);
  assert.match(problems.join('\n'), /ORIEL_PORT: must be integer/);
  assert.match(problems.join('\n'), /ORIEL_MEMORY_MIB: must be >= 256/);
  assert.match(problems.join('\n'), /ORIEL_LOG_LEVEL: .*warn/);
});

test('a pool that is larger than all sessions together is an error that says both', () => {
  assert.equal(problemsOf({ ORIEL_WARM: '3', ORIEL_MAX_SESSIONS: '3' }), []);
  assert.match(problemsOf({ ORIEL_WARM: '4', ORIEL_MAX_SESSIONS: '3' }).join(), /ORIEL_WARM: 4 machines .* ORIEL_MAX_SESSIONS \(3\)/);
});

test('an unknown variable is an error that names the nearest right one', () => {
  assert.equal(problemsOf({ ORIEL_DATADIR: '/x' }), ['ORIEL_DATADIR: there is no such variable; did you mean ORIEL_DATA_DIR?']);
});

test('variables of the image builder and of tests are not ours to refuse', () => {
  assert.equal(problemsOf({ ORIEL_CACHE_DIR: '/x', ORIEL_DEBIAN_MIRROR: 'http://x', ORIEL_TEST_FD: '3' }), []);
});

test('addresses, origins and sizes that are none are named', () => {
  const problems = problemsOf({
    ORIEL_PUBLIC_ADDRESSES: 'host.example',
    ORIEL_CORS_ORIGINS: 'https://a.example/path',
    ORIEL_DISPLAY: '9999x9999',
  });
  assert.is(problems.length, 3);
});

test('between which sizes viewers choose is told; what cannot be is named', () => {
  assert.equal(toConfig({}).resize, { least: { width: 320, height: 240 }, most: { width: 3840, height: 2160 } });
  assert.is(toConfig({ ORIEL_DISPLAY_RESIZE: '0' }).resize, false);
  assert.equal(toConfig({ ORIEL_DISPLAY_MOST: '1920x1080' }).resize, {
    least: { width: 320, height: 240 },
    most: { width: 1920, height: 1080 },
  });
  assert.equal(problemsOf({ ORIEL_DISPLAY_LEAST: '300x240', ORIEL_DISPLAY_MOST: '1921x1080' }), [
    'ORIEL_DISPLAY_LEAST: from 320x240 to 3840x2160',
    'ORIEL_DISPLAY_MOST: both numbers are to be even, as video is',
  ]);
  assert.equal(problemsOf({ ORIEL_DISPLAY_LEAST: '1000x1000', ORIEL_DISPLAY_MOST: '1920x900' }), [
    'ORIEL_DISPLAY_LEAST: it is larger than ORIEL_DISPLAY_MOST (1920x900)',
  ]);
});

test("words of the kernel line are taken apart; one that is Oriel's, or none, is refused by name", () => {
  assert.equal(toConfig({ ORIEL_KERNEL_ARGS: ' mitigations=off  nosmt ' }).kernelArgs, ['mitigations=off', 'nosmt']);
  assert.equal(toConfig({}).kernelArgs, []);
  assert.equal(problemsOf({ ORIEL_KERNEL_ARGS: 'nosmt init=/bin/sh dm-mod.create=x a="b' }), [
    'ORIEL_KERNEL_ARGS: init is set by Oriel itself',
    'ORIEL_KERNEL_ARGS: dm-mod.create is set by Oriel itself',
    'ORIEL_KERNEL_ARGS: "a=\\"b" is no word: NAME or NAME=VALUE of A-Z a-z 0-9 _ . , : / @ + -',
  ]);
});

test('an unknown driver is refused with those that there are', () => {
  assert.match(problemsOf({ ORIEL_DRIVER: 'docker' }).join(), /^ORIEL_DRIVER: .*: auto, container, qemu/);
});

test('a wrong value is not repeated: it may be a password', () => {
  assert.not.match(problemsOf({ ORIEL_EGRESS_PROBE_URL: 'hunter2@proxy' }).join(), /hunter2/);
});

test('webhooks need addresses and a file with a key; an address is never repeated, as it may have a secret in it', () => {
  const good = { ORIEL_WEBHOOK_URL: 'https://a.example/hook?t=1, http://127.0.0.1:1/x', ORIEL_WEBHOOK_SECRET_FILE: '/key' };
  assert.equal(toConfig(good).webhooks, {
    urls: ['https://a.example/hook?t=1', 'http://127.0.0.1:1/x'],
    secretFile: '/key',
    giveUpMs: 86_400_000,
  });
  assert.equal(toConfig({}).webhooks.urls, []);
  const problemsOf = (env: Record<string, string>) => {
    try {
      return (toConfig(env), '');
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.match(problemsOf({ ORIEL_WEBHOOK_URL: 'https://a.example' }), /ORIEL_WEBHOOK_SECRET_FILE: it is needed/);
  assert.match(problemsOf({ ORIEL_WEBHOOK_SECRET_FILE: '/key' }), /ORIEL_WEBHOOK_URL: it is needed/);
  const wrong = problemsOf({ ...good, ORIEL_WEBHOOK_URL: 'https://a.example,ftp://canary.example' });
  assert.match(wrong, /number 2 is not like https/);
  assert.not.match(wrong, /canary/);
  assert.match(problemsOf({ ...good, ORIEL_WEBHOOK_URL: 'https://a.example,https://a.example' }), /twice/);
});

test.run();
