import type { Layer } from '../layer.ts';

/** No gstreamer1.0-plugins-bad: none of its elements is used, and it pulls 92 packages, 198 MB. */
export const gstreamer: Layer = {
  name: 'gstreamer',
  packages: [
    { name: 'gstreamer1.0-tools', why: "gst-inspect-1.0 and gst-launch-1.0: the image's own tests, and people" },
    { name: 'gstreamer1.0-plugins-base', why: 'appsink, appsrc, videoconvert, videoscale, opusenc' },
    { name: 'gstreamer1.0-plugins-good', why: 'ximagesrc, vp8enc' },
    { name: 'gstreamer1.0-plugins-ugly', why: 'x264enc' },
  ],
  remove: [{ name: 'iso-codes', why: 'names of languages for GStreamer tags, 23 MB' }],
};
