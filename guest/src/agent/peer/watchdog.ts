/**
 * Tells when a connection is over. werift never says `disconnected`, and an ICE-lite agent checks nothing itself; but browsers send
 * checks every few seconds and receiver reports every second, so silence is the sign.
 */
export interface WatchdogOptions {
  /** Anything that rises with what the other side sends; undefined while there is no connection. */
  countReceived(): number | undefined;
  onDead(reason: string): void;
  /** Time from the offer to the connection. */
  connectMs?: number;
  /** Silence of a connected peer. */
  silenceMs?: number;
  checkMs?: number;
}

export function startWatchdog({
  countReceived,
  onDead,
  connectMs = 30_000,
  silenceMs = 12_000,
  checkMs = 1000,
}: WatchdogOptions): () => void {
  let last: number | undefined;
  let lastAt = performance.now();
  const timer = setInterval(() => {
    const count = countReceived();
    const now = performance.now();
    if (count !== last) {
      last = count;
      lastAt = now;
    } else if (now - lastAt > (count === undefined ? connectMs : silenceMs)) {
      clearInterval(timer);
      onDead(count === undefined ? `not connected within ${connectMs / 1000} s` : `nothing heard of the viewer for ${silenceMs / 1000} s`);
    }
  }, checkMs);
  return () => clearInterval(timer);
}
