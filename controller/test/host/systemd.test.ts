import { suite, assert } from '#test/suite';
import { parseVersion, planScope } from '../../src/host/systemd.ts';

const test = suite('systemd');

test('its version is read off what it says of itself', () => {
  assert.is(parseVersion('systemd 257 (257.13-1~deb13u1)\n+PAM +AUDIT\n'), 257);
  assert.is(parseVersion('systemd 252 (252.39-1~deb12u1)'), 252);
  assert.throws(() => parseVersion('busybox'), /tells no version: busybox/);
});

test('a command with a unit of its own is the same process, in a slice, with its limits', () => {
  assert.equal(planScope({ name: 'oriel-m-a', slice: 'oriel-machines.slice', description: 'Desktop a', properties: ['TasksMax=5'] }), [
    ...['systemd-run', '--scope', '--quiet', '--collect', '--unit=oriel-m-a', '--slice=oriel-machines.slice'],
    ...['--description=Desktop a', '--property=TasksMax=5', '--'],
  ]);
});

test.run();
