import type { ControlEvent } from '#contract/input';
import { openChannels, type Channels } from './channels.ts';
import { exchangeOffer, type Signalling } from './offer.ts';
import { addSound } from './sound.ts';

export type Peer = { connection: RTCPeerConnection; stream: MediaStream; sound: MediaStream | undefined; channels: Channels };

export type PeerOptions = Signalling & {
  iceServers: RTCIceServer[];
  /** Whether it is to have sound from the start. */
  hasSound: boolean;
  onEvent: (event: ControlEvent) => void;
  /** The guest closed a channel. */
  onClose: () => void;
};

/** The guest is told of closed channels only while the connection stands; of the connection's end it is not told. */
const GOODBYE_MS = 100;

/** One try at a connection: there when the guest has answered, closed when `signal` aborts. Throws OrielError or the signal's reason. */
export async function openPeer({ iceServers, hasSound, onEvent, onClose, ...signalling }: PeerOptions): Promise<Peer> {
  const connection = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
  const stream = new MediaStream([receiveVideo(connection)]);
  const sound = hasSound ? addSound(connection) : undefined;
  const channels = openChannels(connection, (event) => signalling.signal.aborted || onEvent(event), onClose);
  const close = () => {
    channels.close();
    setTimeout(() => connection.close(), GOODBYE_MS);
  };
  signalling.signal.addEventListener('abort', close, { once: true });
  await exchangeOffer(connection, signalling);
  return { connection, stream, sound, channels };
}

function receiveVideo(connection: RTCPeerConnection): MediaStreamTrack {
  const transceiver = connection.addTransceiver('video', { direction: 'recvonly' });
  const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
  transceiver.setCodecPreferences(codecs.toSorted((a, b) => Number(isVp8(b)) - Number(isVp8(a))));
  // Chromium goes by the playout-delay header extension; this is for the others.
  if ('jitterBufferTarget' in transceiver.receiver) transceiver.receiver.jitterBufferTarget = 0;
  return transceiver.receiver.track;
}

const isVp8 = ({ mimeType }: { mimeType: string }) => mimeType.toLowerCase() === 'video/vp8';
