import { newId, type Signalling } from './offer.ts';
import { isSameSender } from './ice-restart.ts';
import { setOffer } from './stereo.ts';

/** A section for sound, in the next offer. Its track is silent until the guest sends some, for ever where it may not. */
export function addSound(connection: RTCPeerConnection): MediaStream {
  return new MediaStream([connection.addTransceiver('audio', { direction: 'recvonly' }).receiver.track]);
}

/** Offers a connection that stands anew, for what was added to it. False when the guest does not have it any more. Throws OrielError, or the signal's reason. */
export async function offerAgain(
  connection: RTCPeerConnection,
  { client, sessionId, page, signal, life }: Signalling & { life: AbortSignal },
): Promise<boolean> {
  const offerId = newId();
  await setOffer(connection);
  life.addEventListener('abort', () => void client.sendBye(sessionId, offerId).catch(() => undefined), { once: true });
  const { sdp } = connection.localDescription!;
  await client.sendOffer(sessionId, { offer: { type: 'offer', sdp }, offerId, page }, { signal });
  const { answer } = await client.waitForAnswer(sessionId, offerId, { signal });
  if (!isSameSender(answer.sdp, connection.remoteDescription?.sdp ?? '')) return false;
  await connection.setRemoteDescription(answer);
  return true;
}
