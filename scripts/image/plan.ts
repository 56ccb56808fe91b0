/** What of an image `just build-image` builds, and what it may do when a locked package is gone from the mirror. */
export interface ImagePlan {
  /** Words of the image's builder. */
  words: string[];
  hasKernel: boolean;
  /** Whether this run may go on with a fresh lock. Nothing but a test run may. */
  mayLockAnew: boolean;
}

const OURS = ['--no-kernel', '--frozen'];

/** `isCi`: a run whose image nobody uses, as CI has it. `--frozen` there, too: this image is of the committed lock, or there is none. */
export function planImage(words: readonly string[], isCi: boolean): ImagePlan {
  return {
    words: words.filter((word) => !OURS.includes(word)),
    hasKernel: !words.includes('--no-kernel'),
    mayLockAnew: isCi && !words.includes('--frozen'),
  };
}
