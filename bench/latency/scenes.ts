/** What is clicked on: arguments of bench/targets/flip.c on a desktop of 1280×720, and the p50 and p95 that are wanted, in ms. */
export const SCENES = {
  flat: { title: 'FLAT, the whole window black or white', flip: ['plain', 0, 0, 1280, 720], most: { median: 16, p95: 28 } },
  patch: { title: 'PATCH, 200×200 black or white', flip: ['plain', 540, 260, 200, 200], most: { median: 16, p95: 28 } },
  texture: { title: 'TEX, the whole screen of text and photograph', flip: ['texture', 0, 0, 1280, 720], most: { median: 28, p95: 42 } },
} as const;

export type SceneName = keyof typeof SCENES;

/** Middle of all scenes: black in their first picture, white in their second. Clicked a little beside it, where no cursor covers it. */
export const PROBE = { x: 640, y: 360 } as const;
export const CLICK = { x: 700, y: 420 } as const;
