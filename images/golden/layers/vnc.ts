import type { Layer } from '../layer.ts';

const GUI = 'only of `x11vnc -gui`';

/** The bridge to WebSocket is our own (guest/), noVNC is served by the controller. */
export const vnc: Layer = {
  name: 'vnc',
  packages: [{ name: 'x11vnc', why: 'the desktop by VNC, where WebRTC does not get through' }],
  remove: [
    { name: 'tk', why: GUI },
    { name: 'tk8.6', why: GUI },
    { name: 'libtk8.6', why: GUI },
    { name: 'tcl', why: GUI },
    { name: 'tcl8.6', why: GUI },
    { name: 'libtcl8.6', why: GUI },
  ],
};
