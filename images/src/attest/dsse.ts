import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

/** Dead Simple Signing Envelope: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md. */
export interface Envelope {
  payloadType: string;
  /** base64. */
  payload: string;
  signatures: { keyid: string; sig: string }[];
}

export const IN_TOTO = 'application/vnd.in-toto+json';

/** An envelope around a payload; without a key it has no signature. Ed25519 gives the same signature each time. */
export function toEnvelope(payload: string, key?: KeyObject, payloadType = IN_TOTO): Envelope {
  const body = Buffer.from(payload);
  const signatures = key ? [{ keyid: toKeyId(key), sig: sign(null, toSigned(payloadType, body), key).toString('base64') }] : [];
  return { payloadType, payload: body.toString('base64'), signatures };
}

/** Whether a signature in the envelope is of this public key and fits. A key id is a hint and proves nothing: each is tried. */
export function isSignedBy({ payloadType, payload, signatures }: Envelope, key: KeyObject): boolean {
  const signed = toSigned(payloadType, Buffer.from(payload, 'base64'));
  return signatures.some(({ sig }) => verify(null, signed, key, Buffer.from(sig, 'base64')));
}

/** sha256 of the public key (SPKI, DER), of either half of a pair. */
export function toKeyId(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex');
}

/** What is signed: DSSE's pre-authentication encoding. Lengths are in bytes. */
export function toSigned(payloadType: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${body.length} `), body]);
}
