import type { MachineConfig } from '#contract/machine-config';
import { Sound } from './audio/sound.ts';
import { SoundCapture } from './audio/sound-capture.ts';
import { CopiedReader } from './clipboard/copied.ts';
import type { Resizer } from './desktop/resizer.ts';
import { StreamUnavailable } from './errors.ts';
import type { Injector } from './input/injector.ts';
import type { Size } from './input/words.ts';
import { toReason, type Log } from './log.ts';
import { ADDON_BASE, CAPTURE_PROGRAM } from './paths.ts';
import { toCursorEvent } from './cursor/cursor-event.ts';
import { Peers } from './peer/peers.ts';
import { Screenshots, type ScreenshotsOptions } from './screenshot/screenshots.ts';
import { CaptureEncoder, type CaptureEncoderOptions } from './stream/capture-encoder.ts';
import type { Encoder, EncoderEvents } from './stream/encoder.ts';
import { FallbackEncoder } from './stream/fallback-encoder.ts';
import { GstreamerEncoder } from './stream/gstreamer-encoder.ts';
import { loadGstreamer } from './stream/gstreamer.ts';
import { Lanes } from './stream/lanes.ts';

export interface StreamingOptions {
  config: MachineConfig;
  display: string;
  injector: Injector;
  resizer: Resizer;
  getSize(): Size;
  /** The desktop's size, as the capture sees it: at first, and whenever a program on the desktop changes it. */
  onSize(size: Size): void;
  /** A viewer uses the desktop. */
  onInput(): void;
  onPeersChange(): void;
  onFirstFrame(): void;
  log: Log;
}

export interface Streaming {
  peers: Peers;
  lanes: Lanes;
  copied: CopiedReader;
  /** Of a desktop that has sound. */
  sound: Sound | undefined;
}

/**
 * The heavy half of the agent (werift, GStreamer), loaded when the desktop is on its way already.
 * Throws StreamUnavailable.
 */
export function createStreaming({
  config,
  display,
  injector,
  resizer,
  getSize,
  onSize,
  onInput,
  onPeersChange,
  onFirstFrame,
  log,
}: StreamingOptions): Streaming {
  const gstreamer = openGstreamer(display, config);
  const copied = new CopiedReader({ env: process.env, log, onCopied: (what) => peers.tellCopied(what) });
  const { bitrateKbps, framerate } = config.media;
  const common = {
    program: CAPTURE_PROGRAM,
    env: process.env,
    bitrateKbps,
    framerate,
    onProblem: (message: string) => log.warn({ reason: message }, 'capture'),
  };
  const toEncoder = (told: Pick<CaptureEncoderOptions, 'onCursor' | 'onDisplay' | 'onCopied'>) => (events: EncoderEvents) =>
    new FallbackEncoder(
      (first) => new CaptureEncoder({ ...common, ...told }, first),
      gstreamer,
      events,
      (from, to) => log.warn({ from, to }, 'this encoder gave no frame: the other one goes on'),
    );
  const lanes = new Lanes({
    settings: { bitrateKbps, framerate },
    createEncoder: toEncoder({
      onCursor: (cursor) => peers.tellCursor(toCursorEvent(cursor)),
      onDisplay: (size) => {
        onSize(size);
        peers.tellDisplay();
      },
      onCopied: () => copied.onNews(),
    }),
    // Pointer, size and clipboard are told by the first.
    createSlowEncoder: toEncoder({ onCursor: () => {}, onDisplay: () => {}, onCopied: () => {} }),
    onFirstFrame,
    onFailure: () => log.warn('capture ended: it is tried again while somebody watches'),
  });
  const sound = config.audio ? createSound(log) : undefined;
  const peers: Peers = new Peers({
    sound,
    ports: config.media,
    bitrateKbps,
    lanes,
    injector,
    resizer,
    getSize,
    onInput,
    onChange: onPeersChange,
    log,
  });
  return { peers, lanes, copied, sound };
}

export function createScreenshots(options: Omit<ScreenshotsOptions, 'loadGstreamer'>): Screenshots {
  return new Screenshots({ ...options, loadGstreamer: () => loadGstreamer(ADDON_BASE) });
}

function createSound(log: Log): Sound {
  return new Sound({
    createCapture: (events) => new SoundCapture(() => loadGstreamer(ADDON_BASE), events),
    onFailure: (reason) => log.warn({ reason }, 'no sound: it is tried again while somebody listens'),
  });
}

function openGstreamer(display: string, { media }: MachineConfig): (events: EncoderEvents) => Encoder {
  return (events) => {
    try {
      return new GstreamerEncoder(loadGstreamer(ADDON_BASE), display, media, events);
    } catch (cause) {
      // What follows is the stack of modules that asked for it.
      const [reason] = toReason(cause).split('\n');
      throw new StreamUnavailable(`stream: this image cannot make video: ${reason}`, { cause });
    }
  };
}
