import { readFile } from 'node:fs/promises';

/** Says which file and which line, never what is in it. */
export class WebhookSecretInvalid extends Error {
  override readonly name = 'WebhookSecretInvalid';
}

/** Of a key, bytes: as Standard Webhooks asks. */
const LEAST = 24;
const MOST = 64;

/**
 * The keys that bodies are signed with, one a line, base64 with or without `whsec_`. With two of them both signatures are sent: so a key
 * is replaced while receivers know the old one. Throws WebhookSecretInvalid.
 */
export async function readSecrets(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new WebhookSecretInvalid(`ORIEL_WEBHOOK_SECRET_FILE: it cannot be read: ${cause.message}`, { cause });
  });
  return parseSecrets(text, path);
}

export function parseSecrets(text: string, path: string): string[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  if (lines.length === 0) throw wrong(path, 'it is empty');
  return lines.map((line, index) => {
    const key = line.replace(/^whsec_/, '');
    const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(key) ? Buffer.from(key, 'base64').length : 0;
    if (bytes < LEAST || bytes > MOST) throw wrong(path, `line ${index + 1} is no key`);
    return key;
  });
}

function wrong(path: string, what: string): WebhookSecretInvalid {
  return new WebhookSecretInvalid(
    `ORIEL_WEBHOOK_SECRET_FILE: ${path}: ${what}. A line is whsec_ and ${LEAST} to ${MOST} bytes in base64: openssl rand -base64 32`,
  );
}
