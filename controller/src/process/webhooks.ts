import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { EventFeed } from '../events/feed.ts';
import type { Meters } from '../metrics/metrics.ts';
import type { Store } from '../store/store.ts';
import { poster } from '../webhooks/post.ts';
import { readSecrets } from '../webhooks/secret.ts';
import { Webhooks } from '../webhooks/webhooks.ts';

/** Those of the config; without any, what others were owed is dropped when it starts. Throws WebhookSecretInvalid. */
export async function createWebhooks({ webhooks }: Config, store: Store, feed: EventFeed, metrics: Meters, log: Logger): Promise<Webhooks> {
  const { urls, secretFile, giveUpMs } = webhooks;
  const post = poster(secretFile === undefined ? [] : await readSecrets(secretFile));
  return new Webhooks({ urls, table: store.deliveries, feed, post, meter: metrics.webhooks, log, giveUpMs });
}
