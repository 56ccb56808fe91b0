import { SERVICE_NAMES, type GuestStatus, type ServiceState } from '#contract/guest';
import type { GuestQuality } from '#contract/quality';
import type { MachineConfig } from '#contract/machine-config';
import type { GuestSignal } from '#contract/signal';
import { toEtcFiles, writeEtcFiles } from './config/etc-files.ts';
import type { Endpoint } from './controller/endpoint.ts';
import { introduce } from './controller/introduce.ts';
import { Outbox } from './controller/outbox.ts';
import { followJob } from './controller/job.ts';
import { followSignals } from './controller/signals.ts';
import type { Clock } from './desktop/clock.ts';
import { Desktop } from './desktop/desktop.ts';
import { Marks } from './desktop/marks.ts';
import { Refusals } from './desktop/refusals.ts';
import { Resizer } from './desktop/resizer.ts';
import { Services } from './desktop/services.ts';
import { toReason, type Log } from './log.ts';
import { LastInput } from './input/last-input.ts';
import type { Size } from './input/words.ts';
import { PATHS } from './paths.ts';
import type { Screenshots } from './screenshot/screenshots.ts';
import type { Streaming } from './streaming.ts';

/** Longest reason of a refusal, characters: the contract's. */
const REASON_MAX = 200;
/** Between two reports of how the picture is. */
const QUALITY_MS = 15_000;

export interface AgentOptions {
  config: MachineConfig;
  clock: Clock;
  endpoint: Endpoint;
  log: Log;
  /** Ends the agent. */
  signal: AbortSignal;
  /** Files are written, the controller knows us, X has its keymap: the desktop's session can start. */
  onReady(): void;
}

/**
 *   /etc's files ─► hello ─► status ─┐
 *                                    ├─► ready ─► load streaming ─► signals, for ever
 *   services' states ─► X ─► keymap ─┘
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #marks: Marks;
  readonly #desktop: Desktop;
  readonly #resizer: Resizer;
  readonly #services: Services;
  readonly #lastInput: LastInput;
  readonly #refusals: Refusals;
  #streaming: Streaming | undefined;
  #screenshots: Screenshots | undefined;
  #outbox: Outbox | undefined;
  /** Told with the next status, once. */
  #quality: GuestQuality | undefined;
  #qualityTimer: NodeJS.Timeout | undefined;

  constructor(options: AgentOptions) {
    const { config, clock, log } = options;
    this.#options = options;
    this.#marks = new Marks({ clock, path: PATHS.marks, onSet: (mark, ms) => this.#onMark(mark, ms) });
    this.#desktop = new Desktop({
      env: process.env,
      size: config.display,
      marks: this.#marks,
      onPaste: (text) => this.#streaming?.copied.expect(text),
      log,
    });
    this.#resizer = new Resizer({
      resize: config.display.resize,
      getSize: () => this.#desktop.size,
      setSize: (size) => this.#setSize(size),
      log,
    });
    this.#lastInput = new LastInput({ clock, tell: () => this.#outbox?.tellStatus() });
    this.#refusals = new Refusals({ folder: PATHS.refusals, onChange: () => this.#outbox?.tellStatus() });
    this.#services = new Services({ names: SERVICE_NAMES, folders: PATHS, clock, onChange: (state) => this.#onService(state) });
  }

  /** Until the signal aborts. Throws NoRoom, TokenRefused and StreamUnavailable: this machine can never be used then. */
  async run(): Promise<void> {
    const { config, endpoint, log, signal, onReady } = this.#options;
    signal.addEventListener('abort', () => this.#stop());
    this.#services.start();
    this.#refusals.start();
    await writeEtcFiles(PATHS.etc, toEtcFiles(config));
    const secret = await introduce(this.#options);
    this.#outbox = new Outbox({ endpoint, secret, getStatus: () => this.#takeStatus(), signal, log });
    this.#outbox.tellStatus();
    await untilAborted(this.#desktop.ready, signal);
    onReady();
    this.#marks.set('agent');
    followJob({ endpoint, secret, signal, log, paths: PATHS }).catch((error: unknown) =>
      log.error({ reason: toReason(error) }, 'the sign-in cannot be begun'),
    );
    await this.#openStreaming(secret);
    await followSignals({
      endpoint,
      secret,
      onSignal: (one) => void this.#handle(one),
      onBack: () => this.#outbox?.tellStatus(),
      signal,
      log,
    });
  }

  /** With the last look at the picture, when that was not told yet. */
  #takeStatus(): GuestStatus {
    const stream = this.#quality;
    this.#quality = undefined;
    return {
      services: this.#services.states,
      marks: this.#marks.all,
      peers: this.#streaming?.peers.states ?? [],
      inputMs: this.#lastInput.ms,
      refused: this.#refusals.counts,
      ...(stream && { stream }),
    };
  }

  async #openStreaming(secret: string): Promise<void> {
    const { createScreenshots, createStreaming } = await import('./streaming.ts');
    const { config, endpoint, log, signal } = this.#options;
    const [display, getSize] = [process.env['DISPLAY']!, () => this.#desktop.size];
    this.#screenshots = createScreenshots({ display, getSize, endpoint, secret, signal, log });
    this.#streaming = createStreaming({
      config,
      display,
      injector: this.#desktop.injector,
      resizer: this.#resizer,
      getSize,
      onSize: (size) => this.#desktop.resize(size),
      onInput: () => this.#lastInput.note(),
      onPeersChange: () => this.#outbox?.tellStatus(),
      onFirstFrame: () => this.#marks.set('firstFrame'),
      log,
    });
    this.#qualityTimer = setInterval(() => this.#tellQuality(), QUALITY_MS);
  }

  #tellQuality(): void {
    this.#quality = this.#streaming?.lanes.takeQuality(QUALITY_MS);
    if (this.#quality) this.#outbox?.tellStatus();
  }

  async #handle(signal: GuestSignal): Promise<void> {
    const { peers } = this.#streaming!;
    if (signal.kind === 'bye') return peers.close(signal.peerId, 'viewer left');
    if (signal.kind === 'revoked') return peers.revoke(signal.viewer);
    if (signal.kind === 'screenshot') return this.#screenshots!.send(signal);
    // Candidates are of no use to an ICE-lite agent: the browser's checks tell where it is.
    if (signal.kind !== 'offer') return;
    try {
      const answer = await peers.answer(signal);
      if (answer) await this.#outbox!.post('/guest/answer', answer);
    } catch (error) {
      await this.#refuse(signal, toReason(error));
    }
  }

  async #refuse({ peerId, offerId }: { peerId: string; offerId: string }, reason: string): Promise<void> {
    this.#options.log.warn({ peer: peerId, reason }, 'offer refused');
    await this.#outbox!.post('/guest/refusal', { peerId, offerId, reason: reason.slice(0, REASON_MAX) });
  }

  #onMark(mark: string, ms: number): void {
    this.#options.log.info({ mark, ms }, 'reached');
    this.#outbox?.tellStatus();
  }

  #onService({ name, state, sinceMs, restarts, reason }: ServiceState): void {
    if (name === 'xorg') this.#onX(state === 'ready', sinceMs);
    if (state === 'down') this.#options.log.warn({ service: name, restarts, reason }, 'service is down');
    this.#outbox?.tellStatus();
  }

  #onX(isUp: boolean, sinceMs: number): void {
    if (isUp) this.#marks.set('x', sinceMs);
    void this.#desktop.setX(isUp).then(() => isUp && this.#resizer.again());
  }

  async #setSize(size: Size): Promise<void> {
    await this.#desktop.setSize(size);
    this.#streaming?.lanes.resized();
    this.#streaming?.peers.tellDisplay();
  }

  #stop(): void {
    clearInterval(this.#qualityTimer);
    this.#services.stop();
    this.#refusals.stop();
    this.#lastInput.stop();
    this.#resizer.stop();
    this.#desktop.stop();
    this.#streaming?.peers.stop();
    this.#streaming?.lanes.stop();
    this.#streaming?.sound?.stop();
  }
}

function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    promise.then(resolve, reject);
  });
}
