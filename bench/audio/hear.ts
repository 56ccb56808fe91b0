import type { ViewerPage } from '#test/viewer';

interface Heard {
  heard: number[];
}

/** Of full scale: a click is far louder, what coding leaves of silence far below. */
const LOUD = 0.1;
/** After a click's first sample, ms: its own others. */
const DEAF_MS = 300;

/** Notes when a click comes out of what the page decodes, before the browser's output device: ms since 1970, good to some 3 ms. */
export async function startHearing(viewer: ViewerPage): Promise<void> {
  await (
    await viewer.element()
  ).evaluate(
    (element, { loud, deafMs }) => {
      const stream = element.shadowRoot!.querySelector('audio')!.srcObject as MediaStream;
      const context = new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' });
      const analyser = new AnalyserNode(context, { fftSize: 2048 });
      context.createMediaStreamSource(stream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      const heard: number[] = ((globalThis as unknown as Heard).heard = []);
      setInterval(() => {
        analyser.getFloatTimeDomainData(samples);
        const now = performance.timeOrigin + performance.now();
        const first = samples.findIndex((sample) => Math.abs(sample) > loud);
        if (first < 0) return;
        const at = now - (samples.length - first) / 48;
        if (at - (heard.at(-1) ?? 0) > deafMs) heard.push(at);
      }, 5);
    },
    { loud: LOUD, deafMs: DEAF_MS },
  );
}

export function readHeard(viewer: ViewerPage): Promise<number[]> {
  return viewer.page.evaluate(() => (globalThis as unknown as Heard).heard);
}

/** Of each click, when it was handed to its player, the ms until it was heard; of one that was lost, nothing. */
export function toDelays(clicks: readonly number[], heard: readonly number[]): number[] {
  return clicks.flatMap((click) => {
    const at = heard.find((time) => time > click && time < click + 900);
    return at === undefined ? [] : [at - click];
  });
}
