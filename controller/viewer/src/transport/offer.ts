import type { Candidate } from '#contract/signal';
import { delay } from '../../../client/delay.ts';
import type { ViewerClient } from '../../../client/index.ts';
import { setOffer } from './stereo.ts';

/** Candidates of this machine are there in a few ms; those from STUN and TURN follow by themselves. */
const GATHER_MS = 50;
/** Trickled candidates are sent together. */
const BATCH_MS = 30;

export type Signalling = {
  client: ViewerClient;
  sessionId: string;
  /** The page's own id, the same in all its offers: each takes the place of the one before. */
  page: string;
  signal: AbortSignal;
};

/**
 * Offers the connection to the guest and takes its answer, whenever it comes. Candidates trickle both ways, by themselves, until
 * the connection stands. Throws OrielError, or the signal's reason.
 */
export async function exchangeOffer(connection: RTCPeerConnection, { client, sessionId, page, signal }: Signalling): Promise<void> {
  const offerId = newId();
  const trickle = collectCandidates(connection);
  const settled = toSettled(connection);
  await setOffer(connection);
  await Promise.race([gathered(connection), delay(GATHER_MS, signal)]);
  trickle.dropCollected(); // localDescription has these
  const goodbye = () => void client.sendBye(sessionId, offerId).catch(ignore);
  signal.addEventListener('abort', goodbye, { once: true });
  await client.sendOffer(sessionId, { offer: { type: 'offer', sdp: connection.localDescription!.sdp }, offerId, page }, { signal });
  trickle.deliver((candidates) => {
    // What an ICE restart gathers later is of another offer, and the guest answers wherever it is asked from.
    if (!settled.aborted) void client.sendCandidates(sessionId, { candidates, offerId }, { signal }).catch(ignore);
  });
  const { answer, candidates } = await client.waitForAnswer(sessionId, offerId, { signal });
  await connection.setRemoteDescription(answer);
  await Promise.all(candidates.map((candidate) => connection.addIceCandidate(candidate).catch(ignore)));
  void takeCandidates(connection, offerId, { client, sessionId, signal: AbortSignal.any([signal, settled]) }).catch(ignore);
}

/** A new id for an offer or a page. `randomUUID` would need a secure context. */
export function newId(): string {
  return toId(crypto.getRandomValues(new Uint8Array(12)));
}

/** Ids are of the alphabet that #contract/signal asks for. */
export function toId(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** A candidate that is wrong, late or lost is no failure: the others, or the watchdog, decide. */
const ignore = () => undefined;

function gathered(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const check = () => connection.iceGatheringState === 'complete' && resolve();
    connection.addEventListener('icegatheringstatechange', check);
    check();
  });
}

function collectCandidates(connection: RTCPeerConnection) {
  let waiting: Candidate[] = [];
  let deliver: ((candidates: Candidate[]) => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    if (deliver && waiting.length) deliver(waiting.splice(0));
  };
  connection.addEventListener('icecandidate', ({ candidate }) => {
    if (!candidate?.candidate) return;
    waiting.push(candidate.toJSON() as Candidate);
    timer ??= setTimeout(flush, BATCH_MS);
  });
  return {
    dropCollected: () => void (waiting = []),
    deliver: (act: (candidates: Candidate[]) => void) => {
      deliver = act;
      flush();
    },
  };
}

/** The guest's candidates that come after its answer. */
async function takeCandidates(
  connection: RTCPeerConnection,
  offerId: string,
  { client, sessionId, signal }: Omit<Signalling, 'page'>,
): Promise<void> {
  for (;;) {
    const { candidates } = await client.waitForCandidates(sessionId, offerId, { signal });
    await Promise.all(candidates.map((candidate) => connection.addIceCandidate(candidate).catch(ignore)));
    await delay(BATCH_MS, signal);
  }
}

/** Aborts when the connection stands or has failed. */
function toSettled(connection: RTCPeerConnection): AbortSignal {
  const settled = new AbortController();
  connection.addEventListener('connectionstatechange', () => {
    if (connection.connectionState !== 'new' && connection.connectionState !== 'connecting') settled.abort();
  });
  return settled.signal;
}
