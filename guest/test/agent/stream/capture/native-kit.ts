import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite, type Suite } from '#test/suite';
import { type Capture, startCapture } from '../../../../src/agent/stream/capture/capture.ts';
import type { CursorShape, Frame, Size } from '../../../../src/agent/stream/capture/records.ts';
import { decodeLuma, toLuma, toPsnr } from './decode.ts';
import { type Screen, startScreen } from './screen.ts';
import { buildNative, hasTools, NO_TOOLS } from './tools.ts';

/** What a capture has told so far. */
export interface Seen {
  capture: Capture;
  frames: Frame[];
  cursors: CursorShape[];
  sizes: Size[];
}

export const SIZE = { width: 1280, height: 720 };

/** A suite with oriel-capture built and an X server running: `define` is told where. Skipped where that cannot be had. */
export function nativeSuite(name: string, define: (test: Suite, place: NativePlace) => void): void {
  const test = suite(name, { timeoutMs: 30_000 });
  const place = new NativePlace();
  if (hasTools()) {
    test.before(() => place.open());
    test.after(() => place.close());
    define(test, place);
  } else test.skip('all of it', NO_TOOLS);
  test.run();
}

export class NativePlace {
  readonly dir = mkdtempSync(join(tmpdir(), 'oriel-capture-'));
  readonly program = join(this.dir, 'oriel-capture');
  #screen: Screen | undefined;

  get screen(): Screen {
    return this.#screen!;
  }

  async open(): Promise<void> {
    buildNative(this.dir);
    this.#screen = await startScreen(this.dir);
  }

  async close(): Promise<void> {
    await this.#screen?.end();
    rmSync(this.dir, { recursive: true });
  }

  /** Captures while `use` runs. */
  async capturing(use: (seen: Seen) => Promise<void>, bitrateKbps = 20_000): Promise<void> {
    const stop = new AbortController();
    const seen: Omit<Seen, 'capture'> = { frames: [], cursors: [], sizes: [] };
    const handlers = {
      onFrame: (frame: Frame) => void seen.frames.push(frame),
      onCursor: (cursor: CursorShape) => void seen.cursors.push(cursor),
      onCopied: () => {},
      onDisplay: (size: Size) => void seen.sizes.push(size),
      onRefused: (message: string) => {
        throw new Error(message);
      },
    };
    const options = { program: this.program, env: this.screen.env, bitrateKbps, framerate: 60, ...handlers };
    const capture = await startCapture(options, stop.signal);
    try {
      await use({ ...seen, capture });
    } finally {
      stop.abort();
      await capture.ended;
    }
  }

  /** How alike the last frame and the screen are, dB. The first of the frames must be a key frame. */
  async compare(frames: Frame[], size: Size = SIZE): Promise<number> {
    return toPsnr(decodeLuma(frames, size, this.dir).at(-1)!, toLuma(await this.screen.dump()));
  }
}

/** Waits until no more frames come. */
export async function silence({ frames }: Pick<Seen, 'frames'>, limitMs = 12_000): Promise<void> {
  const limit = performance.now() + limitMs;
  for (let count = -1; count !== frames.length;) {
    assert.ok(performance.now() < limit, `frames still come after ${limitMs} ms`);
    count = frames.length;
    await sleep(400);
  }
}

/** Waits for the first frame after the `before`-th. */
export async function nextFrame({ frames }: Pick<Seen, 'frames'>, before: number, limitMs = 5_000): Promise<Frame> {
  for (const limit = performance.now() + limitMs; frames.length <= before; await sleep(1))
    assert.ok(performance.now() < limit, `no frame for ${limitMs} ms`);
  return frames[before]!;
}

/** Processor time that this process's oriel-capture has taken, ms. */
export function readBusyMs(): number {
  const children = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' '),
  );
  const stats = children.filter(Boolean).map((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const [, fields] = stats.find((stat) => stat.includes('(oriel-capture)'))!.split(') ');
  const [userTicks, systemTicks] = fields!.split(' ').slice(11, 13).map(Number);
  return (userTicks! + systemTicks!) * 10;
}
