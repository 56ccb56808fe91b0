import rateLimit from '@fastify/rate-limit';
import { fastify, type FastifyBaseLogger } from 'fastify';
import { allowOrigins } from './auth/cors.ts';
import { guardRoutes } from './auth/guard.ts';
import { setSecurityHeaders, toSecurityHeaders } from './auth/security-headers.ts';
import { toTrust } from './auth/trusted-proxies.ts';
import { toAppOptions } from './routes/app-options.ts';
import { consoleRoutes } from './routes/console.ts';
import { letGoOnLeaving } from './routes/gone.ts';
import { replyWithErrors } from './routes/errors.ts';
import { healthRoutes } from './routes/health.ts';
import { limitDefaults } from './routes/limits.ts';
import { describeApi } from './routes/openapi.ts';
import { operateRoutes } from './routes/operate.ts';
import { pageRoutes } from './routes/pages.ts';
import type { RouteApp, RouteDeps } from './routes/route-app.ts';
import { screenshotRoutes } from './routes/screenshots.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { validateStrictly } from './routes/validation.ts';
import { vncRoutes } from './routes/vnc.ts';
import { viewerRoutes } from './routes/viewers.ts';
import { webrtcRoutes } from './routes/webrtc.ts';
import { serveVnc } from './vnc/upgrade.ts';

export interface AppDeps extends RouteDeps {
  log: FastifyBaseLogger;
  /** Folder that the viewer was built into. */
  viewerDir: string;
  /** How long a whole request may take to come, ms; tests have less patience. */
  patienceMs?: number;
}

const PATIENCE_MS = 30_000;

/** The controller's HTTP side. Nothing listens yet. */
export async function buildApp(deps: AppDeps): Promise<RouteApp> {
  const { config, log, sessions, patienceMs = PATIENCE_MS } = deps;
  const headers = toSecurityHeaders(config);
  const isTrusted = toTrust(config.trustedProxies);
  const app: RouteApp = fastify({
    ...toAppOptions(headers),
    loggerInstance: log,
    // Without one a header that anybody can send says nothing.
    trustProxy: config.trustedProxies.length > 0 && isTrusted,
    forceCloseConnections: true,
    // Without a limit a body that never comes, of whoever, holds its connection for ever.
    requestTimeout: patienceMs,
    http: {
      headersTimeout: patienceMs,
      connectionsCheckingInterval: patienceMs / 2,
      // Whoever asks to upgrade to anything else (curl --http2 does) is answered as if he had not.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
  });
  validateStrictly(app);
  replyWithErrors(app);
  letGoOnLeaving(app, sessions.leaving);
  deps.metrics.http.watch(app);
  setSecurityHeaders(app, headers);
  allowOrigins(app, config.corsOrigins);
  await app.register(rateLimit, limitDefaults);
  await describeApi(app);
  await app.register(async (pages) => pageRoutes(pages, deps.viewerDir));
  await app.register(async (api) => {
    // Replies have tokens in them, and what somebody's desktop does.
    api.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));
    guardRoutes(api, deps);
    for (const routes of [
      healthRoutes,
      sessionRoutes,
      viewerRoutes,
      consoleRoutes,
      screenshotRoutes,
      webrtcRoutes,
      vncRoutes,
      operateRoutes,
    ])
      routes(api as RouteApp, deps);
  });
  const { corsOrigins } = config;
  serveVnc(app.server, {
    log,
    headers,
    gate: deps,
    failures: deps.failures,
    doors: deps.doors,
    sessions,
    corsOrigins,
    isOneAtATime: config.control === 'one',
    isTrusted,
  });
  await app.ready();
  return app;
}
