import { delay } from '../../client/delay.ts';
import { OrielError, type ViewerClient } from '../../client/index.ts';

/** First of all the picture; a token that came with the page, or waited in a tab, may be near its end. */
const FIRST_MS = 2_000;
const AGAIN_MS = 5_000;
/** Of a token's time, after which the next one is fetched: two more tries fit in. */
const SHARE = 1 / 3;

/** Renews the page's token for as long as that works or is worth trying, until `signal` aborts. Why it is not, whoever follows the session hears. */
export async function renewToken(client: ViewerClient, id: string, onToken: (token: string) => void, signal: AbortSignal): Promise<void> {
  let ms: number | undefined = FIRST_MS;
  while (ms !== undefined && !signal.aborted) {
    await delay(ms, signal).catch(() => undefined);
    if (signal.aborted) return;
    ms = await renewOnce(client, id, onToken, signal);
  }
}

/** After how many ms to come again; undefined: never. */
async function renewOnce(
  client: ViewerClient,
  id: string,
  onToken: (token: string) => void,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const { token, expiresInMs } = await client.renewViewer(id, { signal });
    onToken(token);
    return Math.max(AGAIN_MS, expiresInMs * SHARE);
  } catch (error) {
    return error instanceof OrielError && error.isTransient ? AGAIN_MS : undefined;
  }
}
