import type { Page } from 'playwright-core';

/** One picture as the page has it: what is compared is its luma, 8 bits a pixel. */
export interface Grabbed {
  width: number;
  height: number;
  luma: Uint8Array;
  /** When it was taken, ms since 1970. */
  at: number;
}

/** The picture that the viewer's video shows now. Throws when there is none. */
export async function grab(page: Page): Promise<Grabbed> {
  const { base64, ...rest } = await page.evaluate(take);
  return { ...rest, luma: Buffer.from(base64, 'base64') };
}

/** Bytes that came by the page's newest connection, headers and all that was sent again included. */
export function readReceivedBytes(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
    const report = await connections.at(-1)!.getStats();
    return [...report.values()].find(({ type }) => type === 'transport').bytesReceived as number;
  });
}

/** Runs in the page, so all that it needs is in it. */
async function take() {
  const video = document.querySelector('oriel-desktop')!.shadowRoot!.querySelector('video')!;
  const frame = new VideoFrame(video);
  const at = performance.timeOrigin + performance.now();
  try {
    const { codedWidth, visibleRect, format } = frame;
    const { width, height } = visibleRect!;
    if (format !== 'I420' && format !== 'NV12') throw new Error(`frames of ${format} and ${codedWidth} pixels are not read here`);
    const data = new Uint8Array(frame.allocationSize());
    const [plane] = await frame.copyTo(data);
    const luma = new Uint8Array(width * height);
    for (let y = 0; y < height; y++)
      luma.set(data.subarray(plane!.offset + y * plane!.stride, plane!.offset + y * plane!.stride + width), y * width);
    const url = await new Promise<string>((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result as string);
      reader.readAsDataURL(new Blob([luma]));
    });
    return { width, height, at, base64: url.slice(url.indexOf(',') + 1) };
  } finally {
    frame.close();
  }
}
