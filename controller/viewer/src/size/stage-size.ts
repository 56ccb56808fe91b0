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
  const [box] = exact ?? [];
  return {
    width: toDevicePixels(contentRect.width * devicePixelRatio, box?.inlineSize),
    height: toDevicePixels(contentRect.height * devicePixelRatio, box?.blockSize),
  };
}

/** The browser knows how it rounds; but of a device that is emulated it tells its own pixels. */
export function toDevicePixels(length: number, exact = length): number {
  return Math.abs(exact - length) <= 1 ? Math.round(exact) : Math.round(length);
}
