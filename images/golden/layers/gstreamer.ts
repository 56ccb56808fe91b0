import type { Layer } from '../layer.ts';

/** The fallback encoder's, the screenshots' (pngenc), audio's (opusenc and what leads to it), and sources for tests. */
const PLUGINS = [
  'app',
  'audioconvert',
  'audioresample',
  'audiotestsrc',
  'coreelements',
  'opus',
  'png',
  'pulseaudio',
  'videoconvertscale',
  'videorate',
  'videotestsrc',
  'vpx',
  'x264',
  'ximagesrc',
];

const LIBRARIES = [
  'liba52-0.7.4',
  'libaa1',
  'libavc1394-0',
  'libcaca0',
  'libcdio19t64',
  'libcdparanoia0',
  'libdv4t64',
  'libdvdread8t64',
  'libgudev-1.0-0',
  'libiec61883-0',
  'libmpeg2-4',
  'libopencore-amrnb0',
  'libopencore-amrwb0',
  'libraw1394-11',
  'libshout3',
  'libsidplay1v5',
  'libslang2',
  'libsoup-3.0-0',
  'libsoup-3.0-common',
  'libspeex1',
  'libtag2',
  'libtheora0',
  'libtheoradec1',
  'libtheoraenc1',
  'libtwolame0',
  'libv4l-0t64',
  'libv4lconvert0t64',
  'libvisual-0.4-0',
  'libwavpack1',
];

/** No gstreamer1.0-plugins-bad: none of its elements is used, and it pulls 92 packages, 198 MB. */
export const gstreamer: Layer = {
  name: 'gstreamer',
  packages: [
    { name: 'gstreamer1.0-tools', why: "gst-inspect-1.0 and gst-launch-1.0: the image's own tests, and people" },
    { name: 'gstreamer1.0-plugins-base', why: 'appsink, appsrc, videoconvert, videoscale, opusenc' },
    { name: 'gstreamer1.0-plugins-good', why: 'ximagesrc, vp8enc, pngenc, pulsesrc' },
    { name: 'gstreamer1.0-plugins-ugly', why: 'x264enc' },
  ],
  remove: [
    { name: 'iso-codes', why: 'names of languages for GStreamer tags, 23 MB' },
    ...LIBRARIES.map((name) => ({ name, why: 'only of plugins that are left out below' })),
  ],
  select: [
    {
      folder: '/usr/lib/x86_64-linux-gnu/gstreamer-1.0',
      keep: PLUGINS.map((name) => `libgst${name}.so`),
      why: 'the guest uses a dozen of a hundred plugins, and each brings libraries',
    },
  ],
};
