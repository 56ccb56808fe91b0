export type Transport = 'webrtc' | 'vnc';

export type Facts = {
  /** `vnc`: a person chose it. */
  mode: 'auto' | 'vnc';
  hasWebrtc: boolean;
  hasVnc: boolean;
  /** The transport on the screen. */
  shown: Transport | undefined;
  /** For how long WebRTC has owed a picture. */
  blankMs: number;
  fallbackMs: number;
  /** VNC may not be used: viewers use this desktop one at a time, and VNC has no turns. */
  isVncOff?: boolean;
};

export type Plan = { shown: Transport | undefined; keepWebrtc: boolean; keepVnc: boolean };

/**
 * Which transports to keep, and which one to show. WebRTC is tried for ever, VNC stands in when it has no picture for too long,
 * and what is on the screen stays until the other has something to show.
 */
export function toPlan({ mode, hasWebrtc, hasVnc, shown, blankMs, fallbackMs, isVncOff = false }: Facts): Plan {
  const first = mode === 'vnc' ? hasVnc : hasWebrtc;
  const [preferred, other]: Transport[] = mode === 'vnc' ? ['vnc', 'webrtc'] : ['webrtc', 'vnc'];
  const second = mode === 'vnc' ? hasWebrtc : hasVnc;
  return {
    shown: first ? preferred : second ? other : undefined,
    keepWebrtc: mode === 'auto' || isVncOff || !hasVnc,
    keepVnc: !isVncOff && (mode === 'vnc' || (!hasWebrtc && (shown === 'vnc' || blankMs >= fallbackMs))),
  };
}
