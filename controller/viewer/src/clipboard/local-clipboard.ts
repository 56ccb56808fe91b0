import type { Copied } from './copied.ts';

/**
 * Puts what the desktop has copied on this computer's clipboard. Browsers let a page do so while it has the focus, some only while a key
 * or a button is pressed there: then it is tried again with the next one. In an insecure page, or a frame that is not let, never.
 */
export class LocalClipboard {
  readonly #onChange: (isThere: boolean) => void;
  #waiting: Copied | undefined;

  /** `onChange` tells whether the newest is on the clipboard. */
  constructor(onChange: (isThere: boolean) => void) {
    this.#onChange = onChange;
  }

  attach(signal: AbortSignal): void {
    for (const type of ['pointerup', 'keyup'] as const)
      window.addEventListener(type, () => this.#waiting && void this.put(this.#waiting), { signal, capture: true });
  }

  /** True when it is there. */
  async put(copied: Copied): Promise<boolean> {
    this.#waiting = copied;
    const isThere = await write(copied).then(
      () => true,
      () => false,
    );
    // Something newer may have come meanwhile.
    if (this.#waiting !== copied) return isThere;
    if (isThere) this.#waiting = undefined;
    this.#onChange(isThere);
    return isThere;
  }
}

async function write(copied: Copied): Promise<void> {
  if (!document.hasFocus()) throw new Error('the page has not the focus');
  if (copied.kind === 'text') return navigator.clipboard.writeText(copied.text);
  return navigator.clipboard.write([new ClipboardItem({ 'image/png': copied.image })]);
}
