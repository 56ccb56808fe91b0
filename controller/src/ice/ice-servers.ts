import { stat } from 'node:fs/promises';
import type { IceServers } from '#contract/session';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';
import { toTurnCredential } from './turn-credential.ts';
import { readTurnSecret, toStamp, type TurnSecret } from './turn-secret.ts';

/** What browsers are told to ask for ways through their networks. */
export interface IceServerList {
  /** For this viewer, who gets a credential of its own; for nobody those that take anybody: TURN is not among them. */
  of(viewerId: string | undefined): Promise<IceServers>;
}

type Log = Pick<FastifyBaseLogger, 'info' | 'error'>;

/** Throws TurnSecretInvalid. The secret's file is looked at again each time: whoever changes it restarts nothing. */
export async function createIceServers({ stunUrls, turnUrls, secretFile, ttlSeconds }: Config['ice'], log: Log): Promise<IceServerList> {
  const stun = stunUrls.length > 0 ? [{ urls: stunUrls }] : [];
  if (secretFile === undefined) return { of: async () => ({ iceServers: stun }) };
  const readSecret = followSecret(secretFile, await readTurnSecret(secretFile), log);
  return {
    async of(viewerId) {
      if (viewerId === undefined) return { iceServers: stun };
      const expiresAt = Math.floor(Date.now() / 1000) + ttlSeconds;
      return { iceServers: [...stun, { urls: turnUrls, ...toTurnCredential(await readSecret(), viewerId, expiresAt) }] };
    },
  };
}

/** The secret as its file has it now. One that is half written, or gone, leaves the one before in use, and says so once. */
function followSecret(path: string, first: TurnSecret, log: Log): () => Promise<string> {
  let known = first;
  let told = first.stamp;
  return async () => {
    const stamp = await stat(path).then(toStamp, (error: NodeJS.ErrnoException) => String(error.code));
    if (stamp === told) return known.secret;
    told = stamp;
    try {
      const before = known.secret;
      known = await readTurnSecret(path);
      told = known.stamp;
      if (known.secret !== before) log.info({ file: path }, 'there is another TURN secret: credentials are made with it');
    } catch (error) {
      log.error({ reason: (error as Error).message }, 'the TURN secret cannot be read again: the one before is used');
    }
    return known.secret;
  };
}
