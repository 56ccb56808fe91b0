/** Of an agent in the pool, seconds: one that went silent is to be found before somebody gets its machine. */
const IN_THE_POOL = 25;
/** Of a session's agent, seconds: most of what a thousand of them cost that nobody looks at. Apart, as many begin at once. */
const IN_USE = { least: 150, most: 270 };

/**
 * How long a guest's next poll is to wait, seconds. Nothing hangs on it but load: an offer ends a wait, an agent's end closes its connection,
 * and one whose connection was lost finds out by keep-alive, within some ten seconds.
 */
export function toNextWait({ sessionId }: { sessionId: string | undefined }, random = Math.random()): number {
  if (sessionId === undefined) return IN_THE_POOL;
  return Math.round(IN_USE.least + random * (IN_USE.most - IN_USE.least));
}
