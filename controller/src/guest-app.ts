import { createServer, type IncomingMessage } from 'node:http';
import rateLimit from '@fastify/rate-limit';
import { fastify, type FastifyBaseLogger } from 'fastify';
import { GUEST_NETWORK } from '#contract/network';
import { setSecurityHeaders } from './auth/security-headers.ts';
import type { Slot } from './net/slot.ts';
import { toAppOptions } from './routes/app-options.ts';
import { letGoOnLeaving } from './routes/gone.ts';
import { replyWithErrors } from './routes/errors.ts';
import { guestRoutes, type GuestDeps } from './routes/guest.ts';
import { limitDefaults } from './routes/limits.ts';
import type { RouteApp } from './routes/route-app.ts';
import { validateStrictly } from './routes/validation.ts';

/** A page in the desktop's browser can come here, too: it is to see nothing, and to make nothing of what it gets. */
const GUEST_HEADERS = { 'content-security-policy': "default-src 'none'", 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };

/** Of one clone: more than its viewers can make its agent send. */
const REQUESTS_PER_SECOND = 2000;

export interface GuestAppDeps extends Omit<GuestDeps, 'slotOf'> {
  log: FastifyBaseLogger;
  requestsPerSecond?: number;
}

export interface GuestApp {
  /** Opens the endpoint of a slot; resolves to its close. */
  listen(slot: Slot, at?: { host: string; port: number }): Promise<() => Promise<void>>;
}

/** One app for all clones; one listener for each, by which it knows who speaks. */
export async function buildGuestApp(deps: GuestAppDeps): Promise<GuestApp> {
  const slots = new WeakMap<IncomingMessage, number>();
  const slotOf: GuestDeps['slotOf'] = ({ raw }) => slots.get(raw);
  const app: RouteApp = fastify({ ...toAppOptions(GUEST_HEADERS), loggerInstance: deps.log });
  setSecurityHeaders(app, GUEST_HEADERS);
  validateStrictly(app);
  replyWithErrors(app);
  letGoOnLeaving(app, deps.sessions.leaving);
  deps.metrics.http.watch(app);
  await app.register(rateLimit, {
    ...limitDefaults,
    global: true,
    max: deps.requestsPerSecond ?? REQUESTS_PER_SECOND,
    timeWindow: 1000,
    keyGenerator: (request) => `guest:${slotOf(request)}`,
  });
  guestRoutes(app, { ...deps, slotOf });
  await app.ready();

  return {
    async listen({ index, hostAddress }, { host, port } = { host: hostAddress, port: GUEST_NETWORK.guestEndpointPort }) {
      const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 60_000 }, (request, response) => {
        slots.set(request, index);
        app.routing(request, response);
      });
      // What is in there is hostile: it gets a handful of connections, not the controller's descriptors.
      server.maxConnections = 32;
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ host, port }, resolve));
      return () => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(() => resolve()));
      };
    },
  };
}
