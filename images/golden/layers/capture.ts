import type { Layer } from '../layer.ts';

/** What guest/native (oriel-capture: the screen as VP8, taken when it changes) is linked with. */
export const capture: Layer = {
  name: 'capture',
  packages: [
    { name: 'libxcb1', why: 'X protocol' },
    { name: 'libxcb-damage0', why: 'what changed on the screen' },
    { name: 'libxcb-shm0', why: 'pixels without a copy' },
    { name: 'libxcb-xfixes0', why: 'shape of the cursor' },
    { name: 'libvpx9', why: 'VP8' },
    { name: 'libyuv0', why: 'RGB to YUV' },
  ],
};
