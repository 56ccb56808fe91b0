import type { RateLimitOptions } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import type { StartBody } from '#contract/session';
import { keyOf, principalOf } from '../auth/guard.ts';
import { toHolder } from '../auth/principal.ts';
import { Refusal } from '../refusal.ts';
import { LimitStore } from './limit-store.ts';

/*
 * One bucket per class and session: what one session does never limits another, and reading a status never limits its
 * signalling. The key is a session that the caller may act on: limits come after the guard.
 */
const perSession = (name: string, max: number): RateLimitOptions => ({
  max,
  timeWindow: 1000,
  keyGenerator: (request) => `${name}:${(request.params as { id: string }).id}`,
});

/** Offers, answers, candidates; requests a second. */
export const signalling = perSession('signalling', 600);
/** Status, heartbeats, console …; requests a second. */
export const watching = perSession('watching', 100);

/** Screenshots, each some megabytes; requests a second. */
export const picturing = perSession('picturing', 10);

/** What costs the controller something and asks nobody who he is: state, metrics; requests a second, of one address. */
export const asking: RateLimitOptions = { max: 100, timeWindow: 1000 };

/** Lists, of the host or of all sessions that a key reaches; requests a second, of one key. */
export const listing: RateLimitOptions = { max: 50, timeWindow: 1000, keyGenerator: (request) => toHolder(principalOf(request)) };

/** Starts of one user of one owner; its body has to be read first. */
export const starting = (perMinute: number): RateLimitOptions => ({
  max: perMinute,
  timeWindow: 60_000,
  hook: 'preHandler',
  keyGenerator: (request) => JSON.stringify(['start', keyOf(request).owner, (request.body as StartBody).userId]),
});

/** Options of the plugin: no limit but where a route names one. */
export const limitDefaults = {
  global: false,
  store: LimitStore,
  errorResponseBuilder: (_request: FastifyRequest, { ttl }: { ttl: number }) =>
    new Refusal(429, 'too_many_requests', 'too many requests of this kind', { retryAfterSeconds: Math.max(1, Math.ceil(ttl / 1000)) }),
  addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
  addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false, 'retry-after': true },
};
