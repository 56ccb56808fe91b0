/** Who holds what: a key or button goes down with its first holder and up with its last, so that no viewer lets go of another's. */
export class Held {
  #holders = new Map<number, Set<string>>();

  /** True when nobody held it before. */
  hold(holder: string, id: number): boolean {
    const holders = this.#holders.get(id);
    if (holders) {
      holders.add(holder);
      return false;
    }
    this.#holders.set(id, new Set([holder]));
    return true;
  }

  /** True when nobody holds it any more; false too when this holder never held it. */
  release(holder: string, id: number): boolean {
    const holders = this.#holders.get(id);
    if (!holders?.delete(holder) || holders.size > 0) return false;
    return this.#holders.delete(id);
  }

  has(id: number): boolean {
    return this.#holders.has(id);
  }

  heldBy(holder: string): number[] {
    return [...this.#holders].filter(([, holders]) => holders.has(holder)).map(([id]) => id);
  }

  clear(): void {
    this.#holders.clear();
  }
}
