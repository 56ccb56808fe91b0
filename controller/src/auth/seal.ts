import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Keeps secrets in a database that others may get to read: a backup, a copy of the disk without the key's file. */
export interface Sealer {
  /** The secret as text that only the key opens. `about` (a machine's id) is part of the seal: it opens nowhere else. */
  seal(secret: string, about: string): string;
  /** Undefined for what another key sealed, or for another thing, or what was changed. */
  open(sealed: string, about: string): string | undefined;
}

const CIPHER = 'aes-256-gcm';
/** What NIST SP 800-38D has the cipher made for. Random ones do for 2^32 secrets of one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `key`: 32 bytes. */
export function createSealer(key: Uint8Array): Sealer {
  return {
    seal(secret, about) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(about));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
    },
    open(sealed, about) {
      const bytes = Buffer.from(sealed, 'base64url');
      const [nonce, tag, text] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES, HEAD_BYTES), bytes.subarray(HEAD_BYTES)];
      try {
        const cipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(about)).setAuthTag(tag);
        return Buffer.concat([cipher.update(text), cipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}

const HEAD_BYTES = NONCE_BYTES + TAG_BYTES;
