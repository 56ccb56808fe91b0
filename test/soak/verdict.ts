/** What was seen at one look. */
export interface Look {
  /** Since the desktop was shown, s. */
  atS: number;
  /** How long the counter on the desktop took to advance in the page. */
  pictureMs: number;
  /** How long a command that was typed took to be run; of some looks only. */
  typedMs?: number;
  agentMib: number;
  controllerMib: number;
  /** Tries to connect since the last good connection, and pictures that came in all: each is 1 while nothing is lost. */
  pictures: number;
  transport: string | undefined;
}

export interface Limits {
  pictureMs: number;
  typedMs: number;
  /** How much memory may grow from the second quarter to the last, as a share. */
  growth: number;
}

export const LIMITS: Limits = { pictureMs: 2000, typedMs: 5000, growth: 0.05 };

/** Below that many minutes a heap's own waves, from one collection to the next, are larger than what is looked for. */
const LONG_MINUTES = 20;
const SHORT_GROWTH = 0.3;

export function toLimits(minutes: number): Limits {
  return minutes < LONG_MINUTES ? { ...LIMITS, growth: SHORT_GROWTH } : LIMITS;
}

/** Everything that was not as it should be; nothing when all was well. Throws for too few looks to judge by. */
export function toFaults(looks: readonly Look[], limits = LIMITS): string[] {
  if (looks.length < 8) throw new Error(`${looks.length} looks: at least 8 are needed`);
  return [
    ...looks.filter(({ transport, pictures }) => transport !== 'webrtc' || pictures !== 1).map(toLossFault),
    ...looks
      .filter(({ pictureMs }) => pictureMs > limits.pictureMs)
      .map(({ atS, pictureMs }) => `${atS} s: the picture stood still for ${Math.round(pictureMs)} ms`),
    ...looks
      .filter(({ typedMs = 0 }) => typedMs > limits.typedMs)
      .map(({ atS, typedMs }) => `${atS} s: what was typed took ${Math.round(typedMs!)} ms`),
    ...(['agentMib', 'controllerMib'] as const).flatMap((name) => toGrowthFault(looks, name, limits.growth)),
  ];
}

/** Share by which memory has grown from the second quarter, when all has been used once, to the last. */
export function toGrowth(looks: readonly Look[], name: 'agentMib' | 'controllerMib'): number {
  const quarter = Math.floor(looks.length / 4);
  const median = (part: readonly Look[]) => part.map((look) => look[name]).sort((a, b) => a - b)[Math.floor(part.length / 2)]!;
  return median(looks.slice(-quarter)) / median(looks.slice(quarter, 2 * quarter)) - 1;
}

const toLossFault = ({ atS, transport, pictures }: Look) =>
  `${atS} s: the connection was lost: ${transport ?? 'none'}, ${pictures} pictures`;

function toGrowthFault(looks: readonly Look[], name: 'agentMib' | 'controllerMib', most: number): string[] {
  const growth = toGrowth(looks, name);
  return growth > most ? [`${name} grew by ${(growth * 100).toFixed(1)} %, at most ${most * 100} %`] : [];
}
