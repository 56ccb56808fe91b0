import { assert, suite } from '#test/suite';
import { toClockEnv, toCommand, toEnv, toPlace, VARIATIONS, type Variation } from '../../src/repro/variations.ts';

const test = suite('images: surroundings of two builds');

const [first, second] = VARIATIONS;

test('the two differ in everything', () => {
  for (const field of Object.keys(first) as (keyof Variation)[]) assert.is.not(first[field], second[field], field);
  const [one, other] = [toPlace('/s', first), toPlace('/s', second)];
  for (const field of Object.keys(one) as (keyof typeof one)[]) assert.is.not(one[field], other[field], field);
});

test('a build gets nothing of the host but the way to the mirror', () => {
  const env = toEnv(second, toPlace('/s', second), { http_proxy: 'p', ORIEL_DEBIAN_MIRROR: 'm', ORIEL_IMAGE_DIR: 'theirs', EDITOR: 'e' });
  assert.equal(env, {
    http_proxy: 'p',
    ORIEL_DEBIAN_MIRROR: 'm',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/s/second/home',
    TZ: 'Pacific/Kiritimati',
    LC_ALL: 'tr_TR.UTF-8',
    ORIEL_CACHE_DIR: '/s/second/cache',
    ORIEL_IMAGE_DIR: '/s/second/images',
    ORIEL_KERNEL_DIR: '/s/second/kernels',
  });
});

test('the command takes a processor, then umask and clock, then what is to be run', () => {
  const words = toCommand(second, ['build', 'it']);
  assert.equal(words.slice(words.indexOf('taskset'), words.indexOf('taskset') + 3), ['taskset', '--cpu-list', '0']);
  const script = words.findIndex((word) => word.endsWith('/vary.sh'));
  const clock = Object.entries(toClockEnv(second)).map(([name, value]) => `${name}=${value}`);
  assert.equal(words.slice(script + 1), ['077', ...clock, '--', 'build', 'it']);
  assert.ok(clock.includes('FAKETIME=+401d'));
});

test('the first build has every processor and the true clock', () => {
  const words = toCommand(first, ['build']);
  assert.not.ok(words.includes('taskset'));
  assert.equal(words.slice(-3), ['022', '--', 'build']);
});

test.run();
