import type { ControlRequest, InputEvent, PointerMove } from '#contract/input';
import type { GuestSignal } from '#contract/signal';
import type { ViewerRole } from '#contract/viewer-role';
import type { RTCPeerConnection, RTCRtpTransceiver } from 'werift';
import type { RateLimits } from '../congestion/aimd.ts';
import type { EncodedFrame, Viewer } from '../stream/broadcast.ts';
import { Channels } from './channels.ts';
import { createConnection, type MediaPorts } from './connection.ts';
import { mendInboundStreams } from './inbound-streams.ts';
import { takeAudio, withRefused } from '../audio/audio-sections.ts';
import { AudioTrack } from '../audio/audio-track.ts';
import type { Listener } from '../audio/sound.ts';
import type { SoundPacket } from '../audio/sound-time.ts';
import { RtpSender } from './rtp-sender.ts';
import { toOrigin, withoutCandidates, withSessionIceLite, withShortMessages } from './sdp.ts';
import { VideoTrack } from './video-track.ts';
import { startWatchdog } from './watchdog.ts';

export type Offer = Extract<GuestSignal, { kind: 'offer' }>;

export interface PeerEvents {
  onConnected(): void;
  /** Once; nothing comes after it. */
  onClosed(reason: string): void;
  onMove(move: PointerMove): void;
  onInput(event: InputEvent): void;
  isTurn(): boolean;
  onControl(request: ControlRequest): boolean;
  onChannelOpen(): void;
  onKeyFrameWanted(): void;
  /** Its link became too slow for what it is sent, or is no longer. */
  onFlow(): void;
  /** The viewer has begun to listen, or has stopped. */
  onListens(listens: boolean): void;
}

export interface PeerOptions {
  ports: MediaPorts;
  /** Most that it is to be sent. */
  bitrateKbps: number;
}

/** Less is no picture. */
const LEAST_KBPS = 100;

/** One viewer's connection: answers its offers, sends it frames, hands on what it sends. */
export class Peer implements Viewer, Listener {
  readonly origin: string | undefined;
  readonly role: ViewerRole;
  /** As the offer said. */
  readonly clipboard: Offer['clipboard'];
  /** May listen. */
  readonly audio: boolean;
  readonly channels: Channels;
  readonly #connection: RTCPeerConnection;
  readonly #events: PeerEvents;
  readonly #stopWatchdog: () => void;
  readonly #limits: RateLimits;
  #video: VideoTrack | undefined;
  #sound: AudioTrack | undefined;
  #closed = false;

  constructor(
    { offer, role, clipboard, audio }: Pick<Offer, 'offer' | 'role' | 'clipboard' | 'audio'>,
    { ports, bitrateKbps }: PeerOptions,
    events: PeerEvents,
  ) {
    this.origin = toOrigin(offer.sdp);
    this.role = role;
    this.clipboard = clipboard;
    this.audio = audio === true;
    this.#events = events;
    this.#limits = { startKbps: bitrateKbps, leastKbps: LEAST_KBPS, mostKbps: bitrateKbps };
    this.#connection = createConnection(ports);
    const channelEvents = {
      onMove: (move: PointerMove) => events.onMove(move),
      onInput: (event: InputEvent) => events.onInput(event),
      isTurn: () => events.isTurn(),
      onControl: (request: ControlRequest) => this.#onControl(request),
      onOpen: () => events.onChannelOpen(),
      onClose: () => this.close('viewer closed the connection'),
    };
    this.channels = new Channels(channelEvents, role, clipboard);
    this.#connection.onDataChannel.subscribe((channel) => {
      mendInboundStreams(channel);
      this.channels.attach(channel);
    });
    this.#connection.connectionStateChange.subscribe((state) => this.#onState(state));
    this.#stopWatchdog = startWatchdog({ countReceived: () => this.#countReceived(), onDead: (reason) => this.close(reason) });
  }

  get dropped(): number {
    return this.#video?.dropped ?? 0;
  }

  /** What its link carries, kbit/s. */
  get targetKbps(): number {
    return this.#video?.targetKbps ?? this.#limits.startKbps;
  }

  get queueMs(): number {
    return this.#video?.link.queueMs ?? 0;
  }

  get isCongested(): boolean {
    return this.#video?.isCongested ?? false;
  }

  /** Messages of this viewer that fitted no shape, came too late, or were not its to send. */
  get ignored(): number {
    return this.channels.dropped;
  }

  /** The answer, with this side's candidates in it. Also for a later offer of the same connection (ICE restart). Throws for SDP that werift refuses. */
  async answer(offer: string): Promise<string> {
    const { sdp: taken, refused } = takeAudio(withoutCandidates(offer), this.audio);
    await this.#connection.setRemoteDescription({ type: 'offer', sdp: taken });
    const transceiver = this.#connection.getTransceivers().find(({ kind }) => kind === 'video');
    if (!transceiver) throw new Error('the offer has no video section');
    transceiver.setDirection('sendonly');
    const sound = this.#connection.getTransceivers().find(({ kind }) => kind === 'audio');
    sound?.setDirection('sendonly');
    // A media stream of its own: werift's sender reports have steps of 1 s, by which a browser would delay the picture (ADR 40).
    if (sound) sound.sender.streamId = 'sound';
    this.#takeServerRole();
    await this.#connection.setLocalDescription(await this.#connection.createAnswer());
    this.#restartIce();
    const { sdp } = this.#connection.localDescription!;
    this.#listen(transceiver, sdp);
    // Closed meanwhile, it has left already: nobody would tell the capture that it has gone.
    if (sound && !this.#sound && !this.#closed) {
      this.#sound = new AudioTrack(sound.sender);
      this.#events.onListens(true);
    }
    return withRefused(withShortMessages(withSessionIceLite(sdp)), refused);
  }

  sendFrame(frame: EncodedFrame): void {
    this.#video?.send(frame);
  }

  reset(): void {
    this.#video?.reset();
  }

  sendSound(packet: SoundPacket): void {
    this.#sound?.send(packet);
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopWatchdog();
    this.#video?.stop();
    this.#connection.close().catch(() => {}); // its sockets are gone already then
    this.#events.onClosed(reason);
  }

  /** As a DTLS client werift waits 100 ms before its first word. As a server it waits for the browser's, which comes at once. */
  #takeServerRole(): void {
    for (const transport of this.#connection.dtlsTransports) if (transport.role === 'auto') transport.role = 'server';
  }

  /** After an offer with new ICE credentials werift waits for checks itself only when there are candidates to check. */
  #restartIce(): void {
    for (const { state, iceTransport } of this.#connection.dtlsTransports) {
      if (state === 'connected' && !iceTransport.connection.nominated)
        iceTransport.start().catch((error: Error) => this.close(`ICE restart: ${error.message}`));
    }
  }

  #listen({ sender }: RTCRtpTransceiver, sdp: string): void {
    if (this.#video) return;
    const { onKeyFrameWanted, onFlow } = this.#events;
    this.#video = new VideoTrack(new RtpSender(sender, sdp), this.#limits, { onKeyFrameWanted, onFlow });
  }

  /** False for what has no meaning now: one whose offers have had no audio has nothing to turn on. */
  #onControl(request: ControlRequest): boolean {
    if (request.t !== 'sound') return this.#events.onControl(request);
    if (!this.#sound) return false;
    this.#events.onListens(request.on);
    return true;
  }

  #onState(state: string): void {
    if (this.#closed) return;
    if (state === 'connected') this.#events.onConnected();
    if (state === 'failed' || state === 'closed') this.close(`connection ${state}`);
  }

  #countReceived(): number | undefined {
    const pair = this.#connection.iceTransports[0]?.connection.nominated;
    return pair && pair.requestsReceived + pair.packetsReceived;
  }
}
