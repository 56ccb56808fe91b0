/** Where things are in a clone. init makes the folders; see images/golden/rootfs/guest/usr/sbin/oriel-init. */
export const PATHS = {
  config: '/run/oriel/config.json',
  /** Seconds of uptime at which the machine was booted: 0 in a VM. */
  booted: '/run/oriel/booted',
  etc: '/run/oriel/etc',
  /** Only the agent's user looks in here. */
  agentSecret: '/run/oriel/private/agent-secret',
  vncSecret: '/run/oriel/private/vnc-secret',
  /** A file for each door: how many it has refused, and why. */
  refusals: '/run/oriel/private/refusals',
  services: '/run/service',
  restarts: '/run/oriel/restarts',
  marks: '/run/oriel/private/marks.json',
  /** What to do, once that is known; and the pipe by which the service auth is told. */
  job: '/run/oriel/private/job.json',
  jobPipe: '/run/oriel/private/job',
} as const;

/** GStreamer's binding is an addon of its own beside this file: a bundle cannot hold it. */
export const ADDON_BASE = import.meta.url;

/** Native screen capture, see guest/native. */
export const CAPTURE_PROGRAM = '/usr/lib/oriel/oriel-capture';
