/** The same of a kernel's build. */
export const KERNEL_STAGES: Record<string, RegExp> = { builder: /^builder root of the kernel /, kernel: /^kernel$/ };

/** Every stage that a build from nothing runs, and how its line begins when it is done. */
export const STAGES = {
  builder: /^builder root \(/,
  base: /^packages of the image /,
  addon: /^GStreamer binding$/,
  node: /^Node without debug names$/,
  native: /^native programs /,
  overlay: /^files over the packages$/,
  pack: /^packing /,
  check: /^hashing its blocks and checking$/,
} satisfies Record<string, RegExp>;

/** Titles of the steps that a build's plain output says it ended: lines `title: 1.2 s`. */
export function parseSteps(output: string): string[] {
  return [...output.matchAll(/^(.+): (?:\d+ min )?[\d.]+ s$/gm)].map((line) => line[1]!);
}

/** Stages that a build did not run: something came from a cache. */
export function findSkippedStages(steps: readonly string[], stages: Record<string, RegExp> = STAGES): string[] {
  return Object.keys(stages).filter((stage) => !steps.some((step) => stages[stage]!.test(step)));
}
