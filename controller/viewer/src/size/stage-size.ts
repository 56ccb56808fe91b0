import type { Size } from '../input/desktop-point.ts';

/** Tells the size of an element in pixels of the device, whenever it changes, until the signal aborts. At once the first time. */
export function watchSize(element: Element, onSize: (size: Size) => void, signal: AbortSignal): void {
  const observer = new ResizeObserver(([entry]) => onSize(toDeviceSize(entry!)));
  try {
    observer.observe(element, { box: 'device-pixel-content-box' });
  } catch {
    observer.observe(element); // Safari has no such box
  }
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });
}

function toDeviceSize({ devicePixelContentBoxSize: exact, contentRect }: ResizeObserverEntry): Size {
  if (exact?.[0]) return { width: exact[0].inlineSize, height: exact[0].blockSize };
  return { width: Math.round(contentRect.width * devicePixelRatio), height: Math.round(contentRect.height * devicePixelRatio) };
}
