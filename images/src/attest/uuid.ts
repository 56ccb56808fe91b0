import { createHash } from 'node:crypto';

/** Of everything that Oriel names by content. */
const NAMESPACE = '6f726965-6c00-4000-8000-736f66747761';

/** UUID of a text (RFC 9562, version 5): the same text has the same one, on every host and at every time. */
export function toUuid(text: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(text)
    .digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
