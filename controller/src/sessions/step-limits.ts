/** Longest times of what no phase bounds, ms. */
export interface StepLimits {
  /** Finding, checking and mounting an image: reading a whole one takes seconds on a slow disk. */
  image: number;
  /** Each step of taking a machine down. */
  takeDown: number;
  /** Telling whether a machine of a controller before this one runs, and listening to its guest. */
  look: number;
  /** Until what could not be taken down is tried again the first time; the pause doubles, up to 64 times as long. */
  again: number;
}

export const STEP_LIMITS: StepLimits = { image: 120_000, takeDown: 20_000, look: 20_000, again: 5_000 };
