import { randomBytes } from 'node:crypto';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** `s-` and 100 random bits. */
export const newSessionId = () => `s-${toBase32(20)}`;
/** `m-` and 60 random bits. */
export const newMachineId = () => `m-${toBase32(12)}`;
/** A viewer of a session. */
export const newPeerId = () => `p-${toBase32(12)}`;
/** 256 random bits, base64url: 43 characters. */
export const newSecret = () => randomBytes(32).toString('base64url');

function toBase32(length: number): string {
  // 32 divides 256: every letter is equally likely.
  return Array.from(randomBytes(length), (byte) => BASE32[byte % 32]).join('');
}
