import type { Layer } from '../layer.ts';

export const input: Layer = {
  name: 'input',
  packages: [
    { name: 'xdotool', why: 'pointer and keyboard: one long-lived `xdotool -`' },
    { name: 'xclip', why: 'clipboard' },
  ],
};
