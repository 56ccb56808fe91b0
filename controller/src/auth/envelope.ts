import { randomBytes } from 'node:crypto';
import { createSealer, type Sealer } from './seal.ts';

export interface MasterKey {
  id: string;
  /** 32 bytes. */
  key: Uint8Array;
}

/** A secret under a key of its own, which is under a master key: to change that, no secret has to be opened. */
export interface Enveloped {
  /** The master key's. */
  keyId: string;
  dataKey: string;
  sealed: string;
}

export interface Envelope {
  seal(secret: string, about: string): Enveloped;
  /** Undefined for what none of the keys opens, or was sealed about another thing, or was changed. */
  open(enveloped: Enveloped, about: string): string | undefined;
  /** The same secret under the newest master key; undefined where it is already, or cannot be opened. */
  rewrap(enveloped: Enveloped, about: string): Enveloped | undefined;
}

/** `keys`: the newest first. That one seals; all of them open. */
export function createEnvelope(keys: readonly MasterKey[]): Envelope {
  const masters = new Map(keys.map(({ id, key }) => [id, createSealer(key)]));
  const newest = keys[0]!.id;
  const wrap = (dataKey: string, about: string) => ({ keyId: newest, dataKey: masters.get(newest)!.seal(dataKey, toAbout(about)) });
  const unwrap = ({ keyId, dataKey }: Enveloped, about: string) => masters.get(keyId)?.open(dataKey, toAbout(about));
  return {
    seal(secret, about) {
      const dataKey = randomBytes(32);
      return { ...wrap(dataKey.toString('base64'), about), sealed: createSealer(dataKey).seal(secret, about) };
    },
    open(enveloped, about) {
      const dataKey = unwrap(enveloped, about);
      return dataKey === undefined ? undefined : toSealer(dataKey).open(enveloped.sealed, about);
    },
    rewrap(enveloped, about) {
      if (enveloped.keyId === newest) return undefined;
      const dataKey = unwrap(enveloped, about);
      return dataKey === undefined ? undefined : { ...enveloped, ...wrap(dataKey, about) };
    },
  };
}

function toSealer(dataKey: string): Sealer {
  return createSealer(Buffer.from(dataKey, 'base64'));
}

function toAbout(about: string): string {
  return `data key of ${about}`;
}
