import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify';
import type { Host } from '#contract/host';
import type { Provider } from '#contract/provider';
import type { ApiKeys } from '../auth/api-keys.ts';
import type { AuthFailures } from '../auth/failures.ts';
import type { OpenDoors } from '../auth/open-doors.ts';
import type { Viewers } from '../auth/viewers.ts';
import type { Config } from '../config.ts';
import type { EventFeed } from '../events/feed.ts';
import type { IceServerList } from '../ice/ice-servers.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Vault } from '../credentials/vault.ts';
import type { toAuthDoor } from '../sessions/restart-login.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { AuditTable } from '../store/audit.ts';

/** A Fastify app whose handlers get their types from the route's schemas. */
export type RouteApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface ReadyReport {
  ready: boolean;
  /** Each thing that a start needs: `ok`, or what is wrong with it. */
  checks: Record<string, string>;
}

export interface RouteDeps {
  config: Config;
  sessions: Sessions;
  audit: AuditTable;
  providers: readonly Provider[];
  vault: Vault;
  /** Where the guest of a session is asked to begin its login again. */
  toAuthDoor: typeof toAuthDoor;
  keys: ApiKeys;
  viewers: Viewers;
  /** What is open in whose name. */
  doors: OpenDoors;
  failures: AuthFailures;
  /** Where users reach the controller; asked when needed, as a port of 0 is known only once it listens. */
  publicUrl: () => string;
  checkReady: () => Promise<ReadyReport>;
  metrics: Metrics;
  iceServers: IceServerList;
  events: EventFeed;
  readHost: () => Promise<Host>;
}
