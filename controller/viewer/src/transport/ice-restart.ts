import type { ViewerClient } from '../../../client/index.ts';
import { newId } from './offer.ts';
import { setOffer } from './stereo.ts';

export type Restart = {
  client: ViewerClient;
  sessionId: string;
  page: string;
  /** Of the try to restart. */
  signal: AbortSignal;
  /** Of the connection. */
  life: AbortSignal;
};

/**
 * Finds a new way for a connection that has lost its own, for one whose page has another address now: keys, channels and picture stay.
 * False when the guest does not have this connection any more. Throws OrielError, or the signal's reason.
 */
export async function restartIce(connection: RTCPeerConnection, { client, sessionId, page, signal, life }: Restart): Promise<boolean> {
  const offerId = newId();
  // The servers that it began with may have been told with a credential that is over.
  const { iceServers } = await client.iceServers({ signal });
  connection.setConfiguration({ ...connection.getConfiguration(), iceServers });
  connection.restartIce();
  await setOffer(connection);
  life.addEventListener('abort', () => void client.sendBye(sessionId, offerId).catch(() => undefined), { once: true });
  // Without candidates: the guest checks none, it answers.
  const { sdp } = connection.localDescription!;
  await client.sendOffer(sessionId, { offer: { type: 'offer', sdp }, offerId, page }, { signal });
  const { answer } = await client.waitForAnswer(sessionId, offerId, { signal });
  if (!isSameSender(answer.sdp, connection.remoteDescription?.sdp ?? '')) return false;
  await connection.setRemoteDescription(answer);
  return true;
}

/** An agent that was restarted, or gave the connection up, answers with another stream: all of its connections have the same key. */
export function isSameSender(answer: string, before: string): boolean {
  const [now, then] = [answer, before].map((sdp) => /^a=ssrc:(\d+) /m.exec(sdp)?.[1]);
  return now !== undefined && now === then;
}
