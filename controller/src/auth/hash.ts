import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * sha256, hex. Enough for secrets of 256 random bits: slow hashes make the guessing of passwords dear, and here there is nothing to guess
 * from; each request would pay for it.
 */
export function toHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Takes the same time wherever the two differ. */
export function isHashOf(hash: string, secret: string): boolean {
  return timingSafeEqual(Buffer.from(hash), Buffer.from(toHash(secret)));
}
