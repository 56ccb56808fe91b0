import type { PhaseName } from '#contract/session';

/** Every text that a person reads, in English. */
export const STRINGS = {
  surface: 'Remote desktop. Mouse and keyboard go to it while it has the focus.',
  video: 'The desktop’s screen',

  starting: 'Starting your desktop',
  connecting: 'Connecting to your desktop',
  reconnecting: 'Connection lost. Reconnecting…',
  phases: {
    network: 'Network',
    machine: 'Machine',
    boot: 'System',
    desktop: 'Desktop',
    claim: 'A desktop that was ready',
  } satisfies Record<PhaseName, string> as Record<string, string>,
  connection: 'Connection',
  picture: 'Picture',
  done: 'done',
  running: 'in progress',
  waiting: 'waiting',
  failed: 'failed',
  seconds: (ms: number) => `${(ms / 1000).toFixed(1)} s`,

  ended: {
    failed: 'The desktop could not be started or has stopped working',
    expired: 'This desktop’s time is over',
    stopped: 'This desktop was ended',
    completed: 'All done. This desktop is no longer needed',
  } as Record<string, string>,
  whatNow: 'Start a new one to go on.',
  refused: 'This desktop cannot be opened',
  noSession: 'This address names no desktop. Open the whole link that you were given.',
  noToken: 'This link has lost its key. Open the whole link that you were given.',
  unauthorized: 'This link is not valid any more. Ask for a new one.',
  notFound: 'There is no such desktop. It may have been ended.',
  unreachable: 'The server cannot be reached. Trying again…',
  code: (code: string) => `Code: ${code}`,
  machineWords: 'What the machine said',
  service: (name: string, state: string, restarts: number, reason = '') =>
    `${name}: ${state}${restarts > 0 ? `, ended ${restarts} times` : ''}${reason && `: ${reason}`}`,
  serviceEnded: (name: string, restarts: number, reason = 'it did not say why') => `${name} has ended ${restarts} times: ${reason}`,

  transports: { webrtc: 'WebRTC', vnc: 'VNC', none: 'Not connected' },
  away: 'The server is away; the desktop goes on',
  useVnc: 'Switch to VNC',
  useWebrtc: 'Switch to WebRTC',
  minimise: 'Minimise',
  restore: 'Restore',
  fps: (fps: number) => `${fps} fps`,
  bitRate: (kbps: number) => (kbps < 1000 ? `${kbps} kbit/s` : `${(kbps / 1000).toFixed(1)} Mbit/s`),
  roundTrip: (ms: number) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`,
  size: (width: number, height: number) => `${width} × ${height}`,

  losses: {
    no_answer: 'The desktop did not answer.',
    no_route: 'No way through the network for video.',
    ice_failed: 'No way through the network for video.',
    disconnected: 'The network was interrupted.',
    closed: 'The desktop closed the connection.',
    silent: 'The desktop went silent.',
    no_picture: 'Connected, but no picture came.',
    stalled: 'The picture stood still.',
    signalling: 'The server did not pass the connection on.',
  },

  home: {
    title: 'Oriel',
    lead: 'A desktop of your own, made for you now and thrown away when you are done.',
    token: 'Start-up token',
    tokenHint: 'Printed in the terminal in which Oriel was started',
    name: 'Name',
    nameHint: 'Whose desktop this is: letters, digits and . _ @ : + -',
    start: 'Start a desktop',
    starting: 'Starting…',
    wrongToken: 'This token is not right. Copy it from the terminal in which Oriel started.',
  },
} as const;
