/** Firecracker's token bucket: `size` tokens come back in `refill_time`; the burst comes once, on top. */
export interface TokenBucket {
  size: number;
  one_time_burst?: number;
  /** ms */
  refill_time: number;
}

export interface RateLimiter {
  bandwidth?: TokenBucket;
  ops?: TokenBucket;
}

const MIB = 2 ** 20;
const perSecond = (size: number, burst?: number): TokenBucket => ({ size, ...(burst && { one_time_burst: burst }), refill_time: 1000 });

/** What one machine may take from its neighbours. Generous: a desktop does not notice, a machine that runs wild does. */
export const RATE_LIMITS = {
  /** Reads of the image, mostly from the host's page cache; the burst is a boot with a browser. */
  rootfs: { bandwidth: perSecond(512 * MIB, 1024 * MIB), ops: perSecond(50_000) },
  overlay: { bandwidth: perSecond(200 * MIB, 512 * MIB), ops: perSecond(10_000) },
  /** Each direction, half a gigabit: video is a hundredth of it, a download most of it. */
  network: { bandwidth: perSecond(64 * MIB, 64 * MIB), ops: perSecond(100_000) },
  entropy: { bandwidth: perSecond(64 * 1024, 64 * 1024) },
  /** The guest writes what it likes there; what is above this is dropped and counted. The burst is a boot's worth. */
  serial: perSecond(64 * 1024, MIB),
} as const satisfies Record<string, RateLimiter | TokenBucket>;
