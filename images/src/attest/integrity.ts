/** A digest as in-toto and both SBOM formats want it. */
export interface Digest {
  algorithm: 'sha256' | 'sha512';
  hex: string;
}

/** npm's `sha512-<base64>`. */
export function parseIntegrity(integrity: string): Digest {
  const [algorithm, base64 = ''] = integrity.split('-', 2);
  if (algorithm !== 'sha512') throw new Error(`integrity ${integrity} is not sha512`);
  return { algorithm, hex: Buffer.from(base64, 'base64').toString('hex') };
}
