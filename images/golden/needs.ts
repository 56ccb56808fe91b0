import { SERVICE_NAMES } from '#contract/guest';

/** What the guest uses: the build fails when the image lacks one of these. */
export interface Needs {
  /** Programs that must be there and find all of their libraries. */
  programs: readonly string[];
  /** Commands that must end well, as user `desktop`. */
  commands: readonly (readonly string[])[];
  /** GStreamer elements that must load. */
  elements: readonly string[];
  /** Files that must be there. */
  files: readonly string[];
  /** Folders whose shared objects must find all of their libraries. */
  plugins: readonly string[];
  /** Patterns (of Node's glob) that must match nothing. */
  absent: readonly string[];
}

const LIB = '/usr/lib/x86_64-linux-gnu';
const SERVICES = '/etc/oriel/service';

export const needs: Needs = {
  programs: [
    ...['s6-svscan', 's6-supervise', 's6-svwait', 's6-svstat', 's6-svc', 's6-setuidgid', 's6-log', 'execlineb'].map(
      (name) => `/usr/bin/${name}`,
    ),
    ...['mount', 'umount', 'ip', 'mkfs.ext4', 'pivot_root'].map(anywhere),
    ...['Xorg', 'xrandr', 'xdpyinfo', 'xprop', 'xwininfo', 'xkbcomp', 'xauth', 'dbus-daemon', 'dbus-run-session'].map(
      (name) => `/usr/bin/${name}`,
    ),
    ...['xfce4-session', 'xfwm4', 'xfce4-panel', 'xfdesktop', 'xfsettingsd', 'xfce4-terminal'].map((name) => `/usr/bin/${name}`),
    ...['xdotool', 'xclip', 'x11vnc', 'chromium', 'gst-inspect-1.0', 'pulseaudio'].map((name) => `/usr/bin/${name}`),
    ...['node', 'npm', 'npx', 'curl', 'git', 'apt-get', 'less', 'nano', 'unzip', 'xz', 'ps', 'bash', 'script', 'mkfifo'].map(
      (name) => `/usr/bin/${name}`,
    ),
    '/usr/lib/chromium/chromium',
    '/usr/lib/oriel/oriel-capture',
    '/usr/lib/oriel/oriel-reseed',
    '/usr/sbin/oriel-init',
    '/usr/local/bin/xdg-open',
    ...[...SERVICE_NAMES, 'gate', 'sound'].map((name) => `${SERVICES}/${name}/run`),
  ],
  commands: [
    ['node', '--version'],
    ['npm', '--version'],
    ['git', '--version'],
    ['curl', '--version'],
    ['apt-get', '--version'],
    ['chromium', '--version'],
    ['gst-inspect-1.0', '--version'],
    ['node', '-e', "require('node:module').createRequire('/usr/lib/oriel/')('gstreamer-superficial')"],
  ],
  elements: [
    'ximagesrc',
    'videoconvert',
    'videoscale',
    'videorate',
    'queue',
    'vp8enc',
    'x264enc',
    'opusenc',
    'pulsesrc',
    'appsink',
    'appsrc',
    'capsfilter',
    'fakesink',
  ],
  files: [
    '/usr/lib/oriel/agent.mjs',
    '/usr/lib/oriel/websockify.mjs',
    '/usr/lib/oriel/auth.mjs',
    '/usr/lib/oriel/login.mjs',
    '/etc/X11/oriel.conf',
  ],
  plugins: [
    `${LIB}/gstreamer-1.0`,
    `${LIB}/alsa-lib`,
    '/usr/lib/pulse-17.0+dfsg1/modules',
    `${LIB}/gdk-pixbuf-2.0`,
    '/usr/lib/xorg/modules',
    '/usr/lib/oriel',
  ],
  absent: [
    '/etc/ssh/ssh_host_*',
    '/etc/xdg/autostart/pulseaudio.desktop',
    '/var/lib/apt/lists/*_*',
    '/var/cache/apt/archives/*.deb',
    '/var/cache/apt/*.bin',
    '/var/cache/ldconfig/aux-cache',
    '/var/log/*',
    '/var/lib/systemd/random-seed',
    '/etc/apt/sources.list',
    '/root/.*_history',
    '/usr/sbin/sshd',
    '/usr/bin/sudo',
  ],
};

/** Debian moves programs between bin and sbin as it merges them. */
function anywhere(name: string): string {
  return `/usr/{bin,sbin}/${name}`;
}
