import type { Layer } from '../layer.ts';

const UDEV = 'Xorg asks libudev, which stays; there are no devices to manage';
const GL = 'OpenGL of X, by way of libgl1: Xorg starts without GLX, xfwm4 does not composite, Chromium brings its own';

/** In the order in which their removal scripts still find a Python. */
const PYTHON = [
  'python3-urllib3',
  'python3',
  'libpython3-stdlib',
  'python3.13',
  'libpython3.13-stdlib',
  'python3-minimal',
  'python3.13-minimal',
  'libpython3.13-minimal',
];

export const desktop: Layer = {
  name: 'desktop',
  packages: [
    { name: 'xserver-xorg-core', why: 'X server' },
    { name: 'xserver-xorg-video-dummy', why: 'a screen in memory that takes any size by RandR; Xvfb does not' },
    { name: 'x11-xkb-utils', why: 'X compiles its keymap with xkbcomp' },
    { name: 'x11-xserver-utils', why: 'xrandr resizes, xrdb for XFCE' },
    { name: 'x11-utils', why: 'xdpyinfo and xprop: probes of readiness and of the tests' },
    { name: 'xauth', why: 'X cookies' },
    { name: 'dbus-x11', why: "the session's bus" },
    { name: 'xfce4-session', why: 'starts and keeps the parts of the desktop' },
    { name: 'xfwm4', why: 'window manager' },
    { name: 'xfce4-panel', why: 'task bar and menu' },
    { name: 'xfdesktop4', why: 'background' },
    { name: 'xfce4-settings', why: 'fonts, theme and keyboard reach the programs' },
    { name: 'adwaita-icon-theme', why: 'icons and cursors' },
    { name: 'librsvg2-common', why: 'the icons are SVG' },
    { name: 'fonts-dejavu-core', why: "the desktop's own font, monospace included" },
    { name: 'fonts-liberation', why: 'metrics of Arial, Times and Courier: pages look as meant' },
    { name: 'fonts-droid-fallback', why: 'Chinese, Japanese, Korean in 7 MB; Noto CJK has 90' },
    { name: 'fonts-noto-color-emoji', why: 'emoji' },
  ],
  remove: [
    { name: 'libllvm19', why: GL },
    { name: 'libz3-4', why: `only of libllvm19. ${GL}` },
    { name: 'mesa-libgallium', why: GL },
    { name: 'libgl1-mesa-dri', why: GL },
    { name: 'udev', why: UDEV },
    { name: 'libsystemd-shared', why: `only of udev. ${UDEV}` },
    { name: 'cpp', why: 'xrdb would call it; XFCE calls xrdb -nocpp' },
    { name: 'cpp-14', why: 'see cpp' },
    { name: 'cpp-x86-64-linux-gnu', why: 'see cpp' },
    { name: 'cpp-14-x86-64-linux-gnu', why: 'see cpp' },
    { name: 'libisl23', why: 'only of cpp' },
    { name: 'libmpc3', why: 'only of cpp' },
    { name: 'libmpfr6', why: 'only of cpp' },
    ...PYTHON.map((name) => ({ name, why: 'only of xfce4-helpers, for mailto: links' })),
  ],
};
