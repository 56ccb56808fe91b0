const EVERY_MS = 1_000;

const looks = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;

/**
 * Calls `look` each second, until what this gives is called. One timer for all: of a thousand machines with their own, each would wake
 * the process for itself.
 */
export function lookEachSecond(look: () => void): () => void {
  looks.add(look);
  timer ??= setInterval(() => looks.forEach((each) => each()), EVERY_MS).unref();
  return () => {
    looks.delete(look);
    if (looks.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
