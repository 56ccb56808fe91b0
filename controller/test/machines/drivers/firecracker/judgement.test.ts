import { assert, suite } from '#test/suite';
import { toMissing, type FirecrackerFacts } from '../../../../src/machines/drivers/firecracker/check.ts';
import { explainCode } from '../../../../src/machines/drivers/firecracker/exit.ts';
import { isOlder, parseVersion } from '../../../../src/machines/drivers/firecracker/version.ts';

const test = suite('firecracker: judgement of host, version and exit');
const good: FirecrackerFacts = {
  isRoot: true,
  missingCommands: [],
  cgroupProblem: undefined,
  hasTun: true,
  firecracker: 'Firecracker v1.16.1\n\nSupported snapshot data format versions: v8.0.0\n',
  jailer: 'Jailer v1.16.1\n',
};
const GET =
  'take both programs from https://github.com/firecracker-microvm/firecracker/releases/tag/v1.16.1 and put them on the PATH as firecracker and jailer';

const CASES: [title: string, facts: Partial<FirecrackerFacts>, missing: string[]][] = [
  ['nothing', {}, []],
  ['a later release', { firecracker: 'Firecracker v1.17.2', jailer: 'Jailer v1.17.2' }, []],
  ['both programs', { firecracker: undefined, jailer: undefined }, [`firecracker 1.16.1 or later, jailer 1.16.1 or later: ${GET}`]],
  ['the jailer', { jailer: undefined }, [`jailer 1.16.1 or later: ${GET}`]],
  ['a newer one', { firecracker: 'Firecracker v1.16.0' }, [`firecracker 1.16.1 or later (here is 1.16.0): ${GET}`]],
  ['one that runs', { firecracker: 'no such thing' }, [`firecracker 1.16.1 or later: ${GET}`]],
  ['a jailer of the same release', { jailer: 'Jailer v1.16.2' }, [`firecracker 1.16.1 and jailer 1.16.2 are not of one release: ${GET}`]],
  ['taps', { hasTun: false }, ['taps, /dev/net/tun: modprobe tun']],
  ['a command', { missingCommands: ['conmon', 'mkfs.ext4'] }, ['conmon, mkfs.ext4: apt-get install conmon e2fsprogs']],
];

for (const [title, facts, missing] of CASES)
  test(`lacks ${title}: it is said with how to get it`, () => assert.equal(toMissing({ ...good, ...facts }), missing));

test('versions are read out of what programs print, and compared by number', () => {
  assert.equal(parseVersion('Firecracker v1.16.1'), [1, 16, 1]);
  assert.equal(parseVersion('1.17.0-dev'), [1, 17, 0]);
  assert.is(parseVersion('Firecracker v1.16'), undefined);
  assert.is(parseVersion(''), undefined);
  assert.is(isOlder([1, 9, 9], [1, 16, 1]), true);
  assert.is(isOlder([1, 16, 0], [1, 16, 1]), true);
  assert.is(isOlder([1, 16, 1], [1, 16, 1]), false);
  assert.is(isOlder([2, 0, 0], [1, 16, 1]), false);
});

test('codes that a shell would call signals are told as what Firecracker means by them', () => {
  const exit = { reason: 'killed by SIGTSTP', code: 148 };
  assert.is(explainCode(exit).reason, 'Firecracker made a system call that its seccomp filter forbids (exit code 148)');
  assert.equal(explainCode({ reason: 'killed by SIGKILL', code: 137 }), { reason: 'killed by SIGKILL', code: 137 });
  assert.equal(explainCode({ reason: 'gone', code: null }), { reason: 'gone', code: null });
});

test.run();
