export type LaneName = 'main' | 'slow';

/** Less than this share of what the best link carries is a lane of its own; back only from clearly more. */
const SLOW_SHARE = 0.5;
const BACK_SHARE = 0.75;
/** Each move costs a key frame. */
const STAY_MS = 5000;

/** Which lane a viewer belongs in. Alone, nobody is slow. */
export function planLane(viewer: { lane: LaneName; sinceMs: number; targetKbps: number }, bestKbps: number, nowMs: number): LaneName {
  if (nowMs - viewer.sinceMs < STAY_MS) return viewer.lane;
  const share = viewer.targetKbps / bestKbps;
  return share < (viewer.lane === 'main' ? SLOW_SHARE : BACK_SHARE) ? 'slow' : 'main';
}
