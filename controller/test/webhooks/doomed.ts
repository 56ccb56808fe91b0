import { pino } from 'pino';
import { EventFeed } from '../../src/events/feed.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { openStore } from '../../src/store/store.ts';
import { poster } from '../../src/webhooks/post.ts';
import { Webhooks } from '../../src/webhooks/webhooks.ts';

/* A controller's webhooks in a process that will be killed: `doomed.ts DATABASE URL KEY FIRST`. It writes sessions down for as long as it lives,
 * and no longer than its test, which may be killed, too. */

const [path = '', url = '', key = ''] = process.argv.slice(2);
const store = openStore(path);
const feed = new EventFeed(store.events);
const meter = createMetrics({ store }).webhooks;
const log = pino({ level: 'silent' });
new Webhooks({ urls: [url], table: store.deliveries, feed, post: poster([key]), meter, log, giveUpMs: 60_000 }).start();
let count = Number(process.argv[5]);

setInterval(() => {
  const id = `s-${(count++).toString(2).padStart(20, '0').replaceAll('0', 'a').replaceAll('1', 'b')}`;
  const display = { width: 1, height: 1 };
  store.sessions.insert({
    id,
    owner: 'product',
    userId: 'ann',
    provider: 'desktop',
    display,
    idempotencyKey: undefined,
    at: new Date().toISOString(),
  });
  feed.changed.ring();
}, 2);

setTimeout(() => process.exit(1), 60_000);
