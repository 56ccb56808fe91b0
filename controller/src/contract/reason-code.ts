import { SIGN_IN_FAILURES } from './sign-in.ts';

/** Every `code` of a session's `reason`. They are stable; a newer controller may have more. */
export const REASON_CODES = [
  'signed_in',
  ...SIGN_IN_FAILURES,
  'user_left',
  // Somebody's wish, or a time that has passed.
  'stopped_by_request',
  'heartbeat_lost',
  'session_idle',
  'session_too_old',
  // The way to the desktop.
  'network_failed',
  'kernel_unusable',
  'image_unusable',
  'machine_failed',
  'claim_failed',
  'image_timed_out',
  'network_timed_out',
  'machine_timed_out',
  'boot_timed_out',
  'desktop_timed_out',
  'claim_timed_out',
  // The desktop.
  'machine_fatal',
  'machine_exited',
  'service_crash_loop',
  // The host, and the controller.
  'host_disk_full',
  'host_no_descriptors',
  'store_busy',
  'store_full',
  'store_failed',
  'controller_stopped',
  'controller_restarted',
  'restarted_too_often',
  'internal',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];
