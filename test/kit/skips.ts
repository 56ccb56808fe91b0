/**
 * Every reason for which a test may be skipped. A skip with another reason fails the run: a test that silently stops
 * running is the one that would have caught the fault.
 */
export const DECLARED_SKIPS: readonly string[] = [
  'the description of Firecracker’s API is not here (ORIEL_TEST_FIRECRACKER_API)',
  'there is no firecracker on the PATH',
  'promtool is not installed',
  'caddy is not installed',
  'coturn is not installed',
  'nix is not installed',
  'there is no terraform, and no tofu',
  'the image has no tools to sign in to (just build-image --tools)',
  'it takes minutes: just nightly',
];
