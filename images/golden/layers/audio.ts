import type { Layer } from '../layer.ts';

const ALSA_PLUGINS = '/usr/lib/x86_64-linux-gnu/alsa-lib';
/** The ones that `sound` loads, and what the second of them is made of: see the service. */
const MODULES = ['module-null-sink', 'module-native-protocol-unix', 'libprotocol-native', 'module-suspend-on-idle'];

/** FFmpeg's and JACK's, which plugins of ALSA want that are left out below. 88 MB. */
const OF_ALSA_PLUGINS = [
  'libavcodec61',
  'libswresample5',
  'libavutil59',
  'libaom3',
  'libcodec2-1.2',
  'libgsm1',
  'libjack-jackd2-0',
  'libjxl0.11',
  'libhwy1t64',
  'librav1e0.7',
  'libsamplerate0',
  'libshine3',
  'libsnappy1v5',
  'libsvtav1enc2',
  'libva-drm2',
  'libva-x11-2',
  'libva2',
  'libvdpau1',
  'libvpl2',
  'libwebpmux3',
  'libx265-215',
  'libnuma1',
  'libxvidcore4',
  'libzvbi0t64',
  'libzvbi-common',
  'ocl-icd-libopencl1',
];

/** What the service `sound` runs. */
export const audio: Layer = {
  name: 'audio',
  packages: [{ name: 'pulseaudio', why: 'mixes what programs play, for the agent to take' }],
  remove: [
    ...OF_ALSA_PLUGINS.map((name) => ({ name, why: 'only of plugins of ALSA that are left out below' })),
    ...['libfftw3-single3', 'libwebrtc-audio-processing-1-3', 'libabsl20240722'].map((name) => ({
      name,
      why: 'only of modules that are left out below',
    })),
    { name: 'libpulsedsp', why: 'for programs that know OSS alone' },
    ...['adduser', 'passwd', 'login.defs', 'libsemanage2', 'libsemanage-common', 'libsepol2'].map((name) => ({
      name,
      why: 'made a user when pulseaudio was installed; the service has one with a fixed id',
    })),
  ],
  delete: [
    { path: '/etc/xdg/autostart/pulseaudio.desktop', why: 'the service starts it, where sound may leave' },
    { path: '/etc/xdg/Xwayland-session.d/00-pulseaudio-x11', why: 'the same' },
    ...['/usr/lib/systemd/*/pulseaudio*', '/etc/systemd/user/*/pulseaudio*', '/etc/rc?.d/*pulseaudio*'].map((path) => ({
      path,
      why: 'nothing here would read it',
    })),
    { path: '/etc/init.d/pulseaudio-enable-autospawn', why: 'nobody but the service starts it' },
    { path: '/etc/pulse/client.conf.d/01-enable-autospawn.conf', why: 'the same' },
    { path: '/usr/share/pulseaudio/alsa-mixer', why: 'of sound cards, and there is none' },
    { path: `${ALSA_PLUGINS}/libasound_module_rate_*`, why: 'links to plugins that are left out below' },
    ...['10-*', '50-[!p]*', '60-*', '98-*'].map((names) => ({
      path: `/etc/alsa/conf.d/${names}`,
      why: 'words about plugins that are left out below',
    })),
  ],
  select: [
    {
      folder: '/usr/lib/pulse-17.0+dfsg1/modules',
      keep: MODULES.map((name) => `${name}.so`),
      why: 'most are of sound cards, of networks and of sessions',
    },
    {
      folder: ALSA_PLUGINS,
      keep: ['conf', 'ctl', 'pcm'].map((kind) => `libasound_module_${kind}_pulse.so`),
      why: 'they lead programs that know ALSA alone to the sound server',
    },
  ],
};
