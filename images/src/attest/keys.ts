import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BuildError } from '../errors.ts';

/** The key that ORIEL_SIGNING_KEY names; undefined when it names none. BuildError when it is no Ed25519 private key in PEM. */
export async function readSigningKey(env: NodeJS.ProcessEnv): Promise<KeyObject | undefined> {
  const path = env.ORIEL_SIGNING_KEY;
  if (!path) return undefined;
  const how = 'make one: openssl genpkey -algorithm ed25519 -out key.pem';
  return toEd25519(createPrivateKey, await read(path, 'ORIEL_SIGNING_KEY'), `ORIEL_SIGNING_KEY: ${path}`, 'private', how);
}

/** A public key to verify with. BuildError when it is no Ed25519 key in PEM. */
export async function readPublicKey(path: string): Promise<KeyObject> {
  const how = 'make one: openssl pkey -in key.pem -pubout -out public.pem';
  return toEd25519(createPublicKey, await read(path, '--key'), `--key: ${path}`, 'public', how);
}

async function read(path: string, what: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new BuildError(`${what}: ${path} cannot be read (${cause.code})`, { cause });
  });
}

function toEd25519(parse: (pem: string) => KeyObject, pem: string, what: string, half: string, how: string): KeyObject {
  const wrong = (found: string, cause?: unknown) =>
    new BuildError(`${what} is ${found}, an Ed25519 ${half} key in PEM without a passphrase is wanted; ${how}`, { cause });
  let key: KeyObject;
  try {
    key = parse(pem);
  } catch (cause) {
    throw wrong(`no ${half} key that can be read`, cause);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw wrong(`a key of type ${key.asymmetricKeyType}`);
  return key;
}
