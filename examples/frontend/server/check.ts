import type { OrielClient } from '../../../controller/client/index.ts';

/** What stands in the way of this product at this controller, in words that say what to do; undefined: nothing. */
export async function findObstacle(oriel: OrielClient, orielUrl: string, origin: string): Promise<string | undefined> {
  const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } };
  const reply = await fetch(`${orielUrl}/api/auth/start`, { ...preflight, signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (!reply) return `Nothing answers at ${orielUrl}. Start the controller:\n\n    ORIEL_CORS_ORIGINS=${origin} npx --yes rust-just up\n`;
  if (reply.headers.get('access-control-allow-origin') !== origin)
    return `The controller at ${orielUrl} lets no page of ${origin} in. Start it so:\n\n    ORIEL_CORS_ORIGINS=${origin} npx --yes rust-just up\n`;
  return oriel.providers().then(
    () => undefined,
    ({ message }: Error) => `The controller at ${orielUrl} refuses EXAMPLE_API_KEY: ${message}`,
  );
}
