import type { Layer } from '../layer.ts';

export const terminal: Layer = {
  name: 'terminal',
  packages: [{ name: 'xfce4-terminal', why: 'the terminal on the desktop' }],
};
