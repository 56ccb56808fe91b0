import type { MachineConfig } from '#contract/machine-config';
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
import { Broadcast } from './stream/broadcast.ts';
import { CaptureEncoder } from './stream/capture-encoder.ts';
import type { Encoder, EncoderEvents } from './stream/encoder.ts';
import { FallbackEncoder } from './stream/fallback-encoder.ts';
import { GstreamerEncoder } from './stream/gstreamer-encoder.ts';
import { loadGstreamer } from './stream/gstreamer.ts';

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
  broadcast: Broadcast;
  copied: CopiedReader;
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
  const capture = (events: EncoderEvents): Encoder =>
    new CaptureEncoder(
      {
        program: CAPTURE_PROGRAM,
        env: process.env,
        bitrateKbps: config.media.bitrateKbps,
        framerate: config.media.framerate,
        onCursor: (cursor) => peers.tellCursor(toCursorEvent(cursor)),
        onDisplay: (size) => {
          onSize(size);
          peers.tellDisplay();
        },
        onCopied: () => copied.onNews(),
        onProblem: (message) => log.warn({ reason: message }, 'capture'),
      },
      events,
    );
  const broadcast = new Broadcast({
    createEncoder: (events) =>
      new FallbackEncoder(capture, gstreamer, events, (from, to) =>
        log.warn({ from, to }, 'this encoder gave no frame: the other one goes on'),
      ),
    onFirstFrame,
    onFailure: () => log.warn('capture ended: it is tried again while somebody watches'),
  });
  const peers: Peers = new Peers({
    ports: config.media,
    broadcast,
    injector,
    resizer,
    getSize,
    onInput,
    onChange: onPeersChange,
    log,
  });
  return { peers, broadcast, copied };
}

export function createScreenshots(options: Omit<ScreenshotsOptions, 'loadGstreamer'>): Screenshots {
  return new Screenshots({ ...options, loadGstreamer: () => loadGstreamer(ADDON_BASE) });
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
