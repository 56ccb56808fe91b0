import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter, Histogram, type Registry } from 'prom-client';
import { toErrorReply } from '../routes/api-error.ts';

export interface HttpMeter {
  /** Counts every request to this app that is answered. */
  watch(app: FastifyInstance): void;
}

/** Requests by the route's template, so that no id is in a label. */
export function createHttpMeter(registers: Registry[]): HttpMeter {
  const requests = new Counter({
    name: 'oriel_http_requests_total',
    help: 'Requests that were answered, by method, template of the route and status',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'oriel_http_request_duration_seconds',
    help: 'Time to the end of the reply, of requests that do not wait for something to happen',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const refusals = new Counter({
    name: 'oriel_http_errors_total',
    help: 'Replies that are not what was asked for, by template of the route and code of the error',
    labelNames: ['route', 'code'],
    registers,
  });
  return {
    watch(app) {
      app.addHook('onResponse', async (request, reply) => {
        const { method, route } = toLabels(request);
        requests.inc({ method, route, status: reply.statusCode });
        if (!isWaiting(request, reply)) seconds.observe({ method, route }, reply.elapsedTime / 1000);
      });
      app.addHook('onError', async (request, _reply, error) => {
        refusals.inc({ route: toLabels(request).route, code: toErrorReply(error).body.error.code });
      });
    },
  };
}

/** What no route is for is one line, whatever it was. */
function toLabels(request: FastifyRequest): { method: string; route: string } {
  const route = request.is404 ? undefined : request.routeOptions.url;
  return route === undefined ? { method: 'any', route: 'unknown' } : { method: request.method, route };
}

/** A long poll, or a stream of events: how long it takes is not how long it was worked on. */
function isWaiting({ query }: FastifyRequest, reply: FastifyReply): boolean {
  const { wait } = (query ?? {}) as { wait?: number };
  return Number(wait) > 0 || String(reply.getHeader('content-type')).startsWith('text/event-stream');
}
