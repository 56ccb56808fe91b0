import type { Page } from 'playwright-core';
import { PACE } from './pace.ts';

/** What a page of the test holds between two calls. */
declare global {
  interface Window {
    peer: { connection: RTCPeerConnection; channels: Record<string, RTCDataChannel>; stats: { ignored?: number } | undefined };
  }
}

export interface PeerOptions {
  sessionId: string;
  token: string;
  /** Changes the SDP on its way, each `from` to its `to`. */
  spoil?: [from: string, to: string][];
  /** Offers to listen, whatever the desktop has said. */
  audio?: boolean;
}

/**
 * A WebRTC peer of the test's own in a page of the controller: it speaks the API as the viewer does, but sends what it is told to.
 * Resolves with the state that its connection came to within `timeoutMs`.
 */
export function connectPeer(page: Page, options: PeerOptions, timeoutMs = 15_000 * PACE): Promise<string> {
  return page.evaluate(
    async ({ sessionId, token, spoil = [], audio, timeoutMs }) => {
      window.peer?.connection.close();
      const connection = new RTCPeerConnection();
      connection.addTransceiver('video', { direction: 'recvonly' });
      if (audio) connection.addTransceiver('audio', { direction: 'recvonly' });
      const channels = {
        move: connection.createDataChannel('move', { ordered: false, maxRetransmits: 0 }),
        input: connection.createDataChannel('input'),
        control: connection.createDataChannel('control'),
      };
      window.peer = { connection, channels, stats: undefined };
      channels.control.onmessage = ({ data }) => {
        const event = JSON.parse(data as string) as { t: string; ignored?: number };
        if (event.t === 'stats') window.peer.stats = event;
      };
      const ask = (method: string, path: string, body?: unknown) =>
        fetch(`/api/webrtc/session/${sessionId}/${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
      await connection.setLocalDescription();
      const sdp = spoil.reduce((text, [from, to]) => text.replace(new RegExp(from, 'gm'), to), connection.localDescription!.sdp);
      const offerId = `o${Date.now()}${Math.random().toString(36).slice(2)}`;
      const posted = await ask('POST', 'offer', { offer: { type: 'offer', sdp }, offerId, page: 'test' });
      if (!posted.ok) return `offer: ${posted.status}`;
      const until = Date.now() + timeoutMs;
      const answered = await ask('GET', `answer?offerId=${offerId}&wait=${timeoutMs / 1000}`);
      if (!answered.ok) return `answer: ${answered.status}`;
      const { answer } = (await answered.json()) as { answer: RTCSessionDescriptionInit };
      await connection.setRemoteDescription(answer);
      while (Date.now() < until && !['connected', 'failed', 'closed'].includes(connection.connectionState))
        await new Promise((resolve) => setTimeout(resolve, 20));
      while (Date.now() < until && channels.input.readyState === 'connecting') await new Promise((resolve) => setTimeout(resolve, 20));
      return connection.connectionState;
    },
    { ...options, timeoutMs },
  );
}

/** A browser's offer, as it makes it. */
export function makeOffer(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const connection = new RTCPeerConnection();
    connection.addTransceiver('video', { direction: 'recvonly' });
    connection.createDataChannel('input');
    await connection.setLocalDescription();
    const { sdp } = connection.localDescription!;
    connection.close();
    return sdp;
  });
}

/** Sends these messages, so many a second, in turn over the channels of these names. Gives how many. */
export function sendMessages(
  page: Page,
  options: { messages: readonly string[]; channels: readonly ('input' | 'control' | 'move')[]; perSecond: number; seconds: number },
): Promise<number> {
  return page.evaluate(async ({ messages, channels, perSecond, seconds }) => {
    const started = performance.now();
    const count = perSecond * seconds;
    for (let n = 0; n < count; n++) {
      const channel = window.peer.channels[channels[n % channels.length]!]!;
      // Each message on each channel in time.
      channel.send(messages[Math.floor(n / channels.length) % messages.length]!);
      const due = started + ((n + 1) * 1000) / perSecond;
      if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    }
    return count;
  }, options);
}

/** How many of this peer's messages the guest says it has ignored. */
export function readIgnored(page: Page): Promise<number> {
  return page.evaluate(() => window.peer.stats?.ignored ?? 0);
}

/** Types ASCII by key events. */
export function typeByPeer(page: Page, text: string): Promise<void> {
  return page.evaluate((text) => {
    for (const character of text) {
      const keysym = character === '\n' ? 0xff0d : character.codePointAt(0)!;
      for (const down of [true, false]) window.peer.channels.input!.send(JSON.stringify({ t: 'key', keysym, down }));
    }
  }, text);
}
