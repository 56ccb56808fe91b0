import type { Quality } from '#contract/quality';

/** How the picture is, a line for each thing that is known. */
export function toQualityFacts({ viewer, guest }: Quality): [string, string][] {
  const facts: [string, string | undefined][] = [
    ['Path', viewer && { webrtc: 'WebRTC', vnc: 'noVNC' }[viewer.path]],
    ['Decoded', unit(viewer?.fps, 'fps')],
    ['Decoding', unit(viewer?.decodeMs, 'ms a frame')],
    ['Round trip', unit(viewer?.rttMs, 'ms')],
    ['Packets lost', unit(viewer?.lossPercent, '%')],
    ['Jitter', unit(viewer?.jitterMs, 'ms')],
    ['Click to picture', unit(viewer?.answerMs, 'ms')],
    ['Dropped', unit(viewer?.framesDropped, '')],
    ['Encoded', guest && `${guest.fps} fps, ${guest.kbps} kbit/s, ${guest.encoder}`],
    ['Encoding', unit(guest?.encodeMs, 'ms a frame')],
    ['Key frames', unit(guest?.keyFrames, '')],
    ['Link carries', unit(guest?.linkKbps, 'kbit/s')],
    ['Waits on the way', unit(guest?.queueMs, 'ms')],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

function unit(value: number | undefined, name: string): string | undefined {
  return value === undefined ? undefined : `${Math.round(value * 10) / 10} ${name}`.trim();
}
