import { Type, type Static } from '#contract/schema';

/** X's own limit of a screen's side, pixels. */
const SIDE_MAX = 32767;

/** Most bytes of a screenshot: a desktop of 3840×2160 that no two pixels of are alike has 25,000,000. */
export const SCREENSHOT_BYTES_MAX = 32 * 1024 * 1024;

/** Chosen by the controller, hard to guess: whoever knows it may answer. */
export const ScreenshotId = Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' });

/** A part of the desktop, in its pixels. What of it is beyond the desktop's edges is left out. */
export const Region = Type.Object(
  {
    x: Type.Integer({ minimum: 0, maximum: SIDE_MAX }),
    y: Type.Integer({ minimum: 0, maximum: SIDE_MAX }),
    width: Type.Integer({ minimum: 1, maximum: SIDE_MAX }),
    height: Type.Integer({ minimum: 1, maximum: SIDE_MAX }),
  },
  { additionalProperties: false },
);
export type Region = Static<typeof Region>;

/** Of `POST /guest/screenshot`, whose body is the PNG. */
export const ScreenshotQuery = Type.Object({ id: ScreenshotId }, { additionalProperties: false });

/** Body of `POST /guest/screenshot/refusal`: there will be none. */
export const ScreenshotRefusal = Type.Object(
  { id: ScreenshotId, reason: Type.String({ maxLength: 200 }) },
  { additionalProperties: false },
);
export type ScreenshotRefusal = Static<typeof ScreenshotRefusal>;
