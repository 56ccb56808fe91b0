import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { type Child, watchEnd } from './child.ts';
import type { CaptureEnd } from './end.ts';
import { type CaptureRecord, type CursorShape, type Frame, RecordReader, type RecordsBroken, type Size } from './records.ts';

export interface CaptureOptions {
  /** Path of oriel-capture. */
  program: string;
  /** Of the X server, e.g. `:0`, and what it needs beside it (XAUTHORITY). */
  env: NodeJS.ProcessEnv;
  bitrateKbps: number;
  /** Most frames a second that show a change. */
  framerate: number;
  onFrame(frame: Frame): void;
  /** At first and with each change, whether or not frames are taken. */
  onCursor(cursor: CursorShape): void;
  /** At first and with each change, before the first frame of that size. */
  onDisplay(size: Size): void;
  /** A program of the desktop has copied something. */
  onCopied(): void;
  /** A command that the program did not take: a fault of ours. */
  onRefused(message: string): void;
}

/** The capture ended before it had told the screen's size. */
export class CaptureFailed extends Error {
  override readonly name = 'CaptureFailed';
  readonly end: CaptureEnd;

  constructor(end: CaptureEnd) {
    super(`${end.reason}: ${end.message}`);
    this.end = end;
  }
}

/**
 * Starts oriel-capture and resolves once it is at the X server; no frames until `start()`. Ends with the signal. Throws
 * CaptureFailed when it ended before, also by the signal.
 */
export async function startCapture(options: CaptureOptions, signal: AbortSignal): Promise<Capture> {
  const child = spawn(options.program, [], { env: options.env, stdio: ['pipe', 'pipe', 'pipe'] });
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const broken = readRecords(child, (record) => {
    deliver(record, options);
    if (record.type === 'display') resolve();
  });
  const ended = watchEnd(child, signal, broken);
  const capture = new Capture(child.stdin, ended);
  capture.setBitrate(options.bitrateKbps);
  capture.setFramerate(options.framerate);
  const early = await Promise.race([ready, ended]);
  if (early) throw new CaptureFailed(early);
  return capture;
}

/** A running oriel-capture. After its end the methods do nothing. */
export class Capture {
  /** Never rejects. */
  readonly ended: Promise<CaptureEnd>;
  readonly #commands: Writable;

  constructor(commands: Writable, ended: Promise<CaptureEnd>) {
    this.#commands = commands;
    this.ended = ended;
  }

  /** Frames from now on, a key frame first. Nothing when it takes frames already. */
  start(): void {
    this.#say('start');
  }

  /** No more frames; cursor and size are still told. */
  stop(): void {
    this.#say('stop');
  }

  /** Makes the next frame a key frame, within a frame time. How often is the caller's business. */
  requestKeyFrame(): void {
    this.#say('key');
  }

  /** Target, kbit/s, brought within 50 … 50,000. */
  setBitrate(kbps: number): void {
    this.#say(`bitrate ${toWithin(kbps, 50, 50_000)}`);
  }

  /** Frames a second, brought within 1 … 60. */
  setFramerate(framerate: number): void {
    this.#say(`fps ${toWithin(framerate, 1, 60)}`);
  }

  /** While true no frame is taken; cursor and size are still told. */
  hold(isHeld: boolean): void {
    this.#say(isHeld ? 'hold' : 'go');
  }

  #say(command: string): void {
    if (this.#commands.writable) this.#commands.write(`${command}\n`);
  }
}

function toWithin(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.round(value)));
}

/** Hands on each record. Resolves with what is wrong when the bytes are no records; nothing is handed on from there. */
function readRecords(child: Child, take: (record: CaptureRecord) => void): Promise<RecordsBroken> {
  const { promise, resolve } = Promise.withResolvers<RecordsBroken>();
  const reader = new RecordReader();
  const onData = (chunk: Buffer) => {
    const records = readChunk(reader, chunk);
    if (Array.isArray(records)) return records.forEach(take);
    child.stdout.off('data', onData);
    resolve(records);
  };
  child.stdout.on('data', onData);
  return promise;
}

function readChunk(reader: RecordReader, chunk: Buffer): CaptureRecord[] | RecordsBroken {
  try {
    return reader.read(chunk);
  } catch (error) {
    return error as RecordsBroken;
  }
}

function deliver(record: CaptureRecord, options: CaptureOptions): void {
  switch (record.type) {
    case 'display':
      return options.onDisplay({ width: record.width, height: record.height });
    case 'frame':
      return options.onFrame(record);
    case 'cursor':
      return options.onCursor(record);
    case 'copied':
      return options.onCopied();
    case 'refused':
      return options.onRefused(record.message);
  }
}
