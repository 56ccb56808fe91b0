/**
 * Words before a command that mounts: mount and process namespaces of its own. When it is killed, or its parent is, every
 * process in it dies and every mount is gone with it.
 */
export const IN_OWN_NAMESPACE = [
  'unshare',
  '--mount',
  '--propagation',
  'private',
  '--pid',
  '--fork',
  '--kill-child=SIGKILL',
  '--mount-proc',
] as const;

/** Without network as well, for what must not depend on anything outside. */
export const IN_OWN_NAMESPACE_OFFLINE = [...IN_OWN_NAMESPACE, '--net'] as const;
