export interface Shape {
  /** 0: nothing goes. */
  kbps: number;
  /** One way. */
  delayMs: number;
  jitterMs: number;
  lostOf1000: number;
}

/** For how long the link is as it says. */
export interface Part extends Shape {
  seconds: number;
}

const toPart = (kbps: number, seconds: number, more: Partial<Shape> = {}): Part => ({
  kbps,
  seconds,
  delayMs: 20,
  jitterMs: 0,
  lostOf1000: 0,
  ...more,
});

/** What a link is, part after part. The first part begins a while before it is measured. */
export const LINKS = {
  '5 Mbit/s': [toPart(5000, 15)],
  '3 Mbit/s': [toPart(3000, 15)],
  '1 Mbit/s': [toPart(1000, 15)],
  '3 Mbit/s with 2 % lost': [toPart(3000, 15, { lostOf1000: 20 })],
  '3 Mbit/s with 5 % lost': [toPart(3000, 15, { lostOf1000: 50 })],
  '3 Mbit/s with 100 ms round trip and 10 ms jitter': [toPart(3000, 15, { delayMs: 50, jitterMs: 10 })],
  '3 Mbit/s and away for 2 s': [toPart(3000, 8), toPart(0, 2), toPart(3000, 8)],
  '5 then 1 then 5 Mbit/s': [toPart(5000, 10), toPart(1000, 12), toPart(5000, 12)],
} satisfies Record<string, Part[]>;

export type LinkName = keyof typeof LINKS;

/** Nothing is in the way: to load pages. */
export const WIDE: Shape = { kbps: 1_000_000, delayMs: 0, jitterMs: 0, lostOf1000: 0 };
