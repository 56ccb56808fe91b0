/** Runs `action` at once, and again at most once per `intervalMs` however often it is asked for; the last wish is never lost. */
export function throttle(action: () => void, intervalMs: number): { ask: () => void; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let last = -Infinity;
  const run = () => {
    timer = undefined;
    last = performance.now();
    action();
  };
  const ask = () => {
    if (timer) return;
    const waitMs = last + intervalMs - performance.now();
    if (waitMs <= 0) run();
    else timer = setTimeout(run, waitMs);
  };
  return { ask, cancel: () => clearTimeout(timer) };
}
