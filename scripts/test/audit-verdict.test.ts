import { assert, suite } from '#test/suite';
import { toVerdict } from '../audit-verdict.ts';

const test = suite('audit of signatures');

for (const [what, status, said, kind] of [
  ['all signed', 0, 'audited 400 packages in 3s\n\n400 packages have verified registry signatures', 'verified'],
  ['one that is wrong', 1, 'audited 2 packages in 1s\n\n1 package has an invalid registry signature:\n\nx@1.0.0', 'failed'],
  [
    'one without',
    1,
    'audited 2 packages in 1s\n\n1 package has a missing registry signature but the registry is providing signing keys',
    'failed',
  ],
  ['a wrong attestation, and a network that fails', 1, '1 package has an invalid attestation\nENOTFOUND', 'failed'],
  ['a registry without keys', 1, 'npm error found no dependencies to audit that were installed from a supported registry', 'skipped'],
  ['keys that cannot be reached', 1, 'npm error code ENOTFOUND\nnpm error syscall getaddrinfo', 'skipped'],
  ['a mirror that has no such page', 1, 'npm error code E404', 'skipped'],
  ['no end', null, '', 'skipped'],
  ['nothing at all', 0, '', 'failed'],
  ['no package', 0, 'audited 0 packages in 1s', 'failed'],
  ['another mistake', 1, 'npm error code EUSAGE', 'failed'],
] as const) {
  test(`${what}: ${kind}`, () => assert.is(toVerdict(status, said).kind, kind));
}

test('what was skipped says that nothing was checked, and why', () => {
  assert.is(toVerdict(1, 'npm error code ENOTFOUND').message, 'NOT CHECKED: the keys of signatures cannot be reached from here');
});

test.run();
