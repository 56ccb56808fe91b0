/** What can be changed while it runs. */
export interface StreamSettings {
  bitrateKbps: number;
  /** Most frames a second. */
  framerate: number;
}

export interface EncoderEvents {
  /** `workMs`: what grabbing and encoding took, where that is known. */
  onFrame(frame: Buffer, workMs?: number): void;
  /** It ended by itself: X has gone, or something in it failed. It may be started again. */
  onFailure(): void;
}

/** Screen → encoded VP8 frames. One for all viewers. */
export interface Encoder {
  /** Told to viewers. */
  readonly name: string;
  start(): void;
  /** Nothing comes after it until the next start. */
  stop(): void;
  /** The next frame will be a key frame; it comes within a few frames' time. */
  forceKeyFrame(): void;
  /** Takes effect with the next frame. */
  change(settings: StreamSettings): void;
  /** While true no frame is made; the next one after it shows the screen as it is then. */
  hold(isHeld: boolean): void;
  /** The screen has another size. */
  resized(): void;
}
