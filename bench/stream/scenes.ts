/** What the desktop shows: words for bench/targets/motion.c, and what is wanted of it. */
export const SCENES = {
  scroll: { title: 'a page that scrolls, 30 pictures a second', words: (pixels: string) => ['scroll', pixels, '33'] },
  film: { title: 'a film of 640×360, 30 pictures a second', words: (pixels: string) => ['film', pixels, '33'] },
  /** Far enough that nothing of the page before is of use. */
  rest: { title: 'another page every 2.5 s', words: () => ['scroll', REST_PIXELS, '2500'] },
} as const;

export const REST_PIXELS = '283';

/** Wanted of Oriel, on two quiet processors. */
export const WANTED = {
  idleCpuPercent: 2,
  idleKbps: 30,
  scrollKbps: 2000,
  scrollLikeness: 0.95,
  scrollCpuPercent: 60,
  restLikeness: 0.99,
  restMs: 1000,
  filmShare: 0.99,
};
