import { createHmac } from 'node:crypto';

/** What a guest's auth agent asks for (HTTP at its port, Bearer): made from the machine's per-boot secret, so that one is not the other. */
export function toAuthSecret(bootSecret: string): string {
  return createHmac('sha256', bootSecret).update('auth agent').digest('base64url');
}
