import { setTimeout as sleep } from 'node:timers/promises';
import { PACE } from './pace.ts';
import type { ViewerPage } from './viewer.ts';

export interface Tone {
  /** Of the strongest bin, each of which has 5.9 Hz. */
  hz: number;
  /** Its level, dB of full scale. */
  db: number;
}

/** What is awaited: one frequency in both channels, one in each, left first, or a silence. */
export type Awaited = number | readonly [left: number, right: number] | undefined;

/** Beneath it is what coding leaves of silence; a tone of the desktop is far above. */
const SILENT_DB = -80;
const OFF_HZ = 10;

interface Ear {
  analysers: AnalyserNode[];
  stream: MediaStream;
}

/** What the page hears of its desktop right now, left and right; undefined while it plays no stream. */
export async function readTones(viewer: ViewerPage): Promise<Tone[] | undefined> {
  return (await viewer.element()).evaluate((element) => {
    const page = globalThis as unknown as { ear?: Ear };
    const audio = element.shadowRoot!.querySelector('audio');
    const stream = audio?.srcObject as MediaStream | null | undefined;
    if (!audio || audio.paused || !stream) return undefined;
    if (page.ear?.stream !== stream) {
      const context = new AudioContext({ sampleRate: 48_000 });
      const channels = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
      context.createMediaStreamSource(stream).connect(channels);
      const analysers = [0, 1].map((channel) => {
        const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
        channels.connect(analyser, channel);
        return analyser;
      });
      page.ear = { analysers, stream };
    }
    return page.ear.analysers.map((analyser) => {
      const levels = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(levels);
      const loudest = levels.reduce((best, level, bin) => (level > levels[best]! ? bin : best), 0);
      return { hz: (loudest * analyser.context.sampleRate) / analyser.fftSize, db: Math.max(-200, levels[loudest]!) };
    });
  });
}

/** Waits until the page hears what is awaited. Throws with what it heard last. */
export async function waitForTone(viewer: ViewerPage, awaited: Awaited, timeoutMs = 8_000 * PACE): Promise<void> {
  let heard: Tone[] | undefined;
  for (const until = Date.now() + timeoutMs; Date.now() < until; await sleep(100)) {
    heard = await readTones(viewer);
    if (heard?.every((tone, channel) => fits(tone, typeof awaited === 'object' ? awaited[channel] : awaited))) return;
  }
  const wanted = awaited === undefined ? 'a silence' : `${awaited} Hz`;
  throw new Error(`${wanted} not heard within ${timeoutMs} ms, but ${JSON.stringify(heard)}; ${await viewer.describe()}`);
}

function fits(heard: Tone, hz: number | undefined): boolean {
  return hz === undefined ? heard.db < SILENT_DB : heard.db > SILENT_DB && Math.abs(heard.hz - hz) < OFF_HZ;
}
