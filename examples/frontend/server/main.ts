import { join } from 'node:path';
import { createClient } from '../../../controller/client/index.ts';
import { buildPage } from '../build.ts';
import { buildApp } from './app.ts';
import { findObstacle } from './check.ts';
import { toSettings, type Settings } from './settings.ts';

const PAGE_DIR = join(import.meta.dirname, '../dist');

try {
  await serve(toSettings(process.env));
} catch (error) {
  fail((error as Error).message);
}

async function serve({ orielUrl, apiKey, port, providers }: Settings): Promise<void> {
  await buildPage(PAGE_DIR);
  const oriel = createClient({ baseUrl: orielUrl, token: apiKey });
  const app = await buildApp({ oriel, orielUrl, providers, pageDir: PAGE_DIR });
  const origin = await app.listen({ host: '127.0.0.1', port });
  const obstacle = await findObstacle(oriel, orielUrl, origin);
  if (obstacle !== undefined) return app.close().then(() => fail(obstacle));
  process.stdout.write(`\nThe example product is at ${origin}\n\nCtrl-C ends it.\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close());
}

function fail(words: string): void {
  process.stderr.write(`${words}\n`);
  process.exitCode = 1;
}
