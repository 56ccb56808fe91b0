import { Registry, collectDefaultMetrics } from 'prom-client';
import { measureEgress, type EgressSource } from './egress.ts';
import { createGuestMeter, type GuestMeter } from './guests.ts';
import { measureHost, type HostSource } from './host.ts';
import { createHttpMeter, type HttpMeter } from './http.ts';
import { measureImage, type ImageSource } from './image.ts';
import { createQualityMeter, type QualityMeter } from './quality.ts';
import { createSessionMeter, measureSessions, type SessionMeter, type SessionSource } from './sessions.ts';
import { createSignalMeter, type SignalMeter } from './signalling.ts';
import { measureVmm } from './vmm.ts';
import { measureWall, type WallSource } from './wall.ts';
import type { WarmCounts, WarmObserver } from '../sessions/warm-pool.ts';
import { createWarmMeter, measureWarm } from './warm.ts';
import { createWebhookMeter, type WebhookMeter } from './webhooks.ts';

/** What is counted as it happens, by those to whom it happens. */
export interface Meters {
  sessions: SessionMeter;
  http: HttpMeter;
  signalling: SignalMeter;
  guests: GuestMeter;
  quality: QualityMeter;
  webhooks: WebhookMeter;
  warm: WarmObserver;
}

export interface Metrics extends Meters {
  render(): Promise<{ contentType: string; text: string }>;
}

/** What is asked when Prometheus asks. What is left out has no lines. */
export interface Sources extends SessionSource, HostSource {
  /** The image that new machines boot. */
  readImage?: ImageSource;
  /** What the VMMs of all machines have counted, by its name there. */
  readVmm?: () => Record<string, number>;
  readEgress?: EgressSource;
  readWarm?: () => WarmCounts;
  readWall?: WallSource;
}

/**
 * What Prometheus asks for; one file for each topic. Nothing of it names a session, a user or a machine: each of these would be a line
 * that stays for ever.
 */
export function createMetrics(sources: Sources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // Of the process: memory, processor, descriptors, event loop; that one is looked at each 50 ms, as each look wakes the process.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  measureSessions(registers, sources);
  measureHost(registers, sources);
  measureVmm(registers, sources.readVmm ?? (() => ({})));
  if (sources.readImage) measureImage(registers, sources.readImage);
  if (sources.readWarm) measureWarm(registers, sources.readWarm);
  if (sources.readEgress) measureEgress(registers, sources.readEgress);
  if (sources.readWall) measureWall(registers, sources.readWall);
  return {
    sessions: createSessionMeter(registers),
    http: createHttpMeter(registers),
    signalling: createSignalMeter(registers),
    guests: createGuestMeter(registers),
    quality: createQualityMeter(registers),
    webhooks: createWebhookMeter(registers),
    warm: createWarmMeter(registers),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
