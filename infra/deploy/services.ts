import { EDGE_REMOVAL, toEdgeService } from '../edge/service.ts';
import { MONITORING_REMOVAL, toMonitoringService } from '../monitoring/service.ts';
import type { SshSettings } from '../settings/schemas.ts';
import { findEntry, readSettings } from '../settings/settings.ts';
import { toTurnService, TURN_REMOVAL } from '../turn/service.ts';
import { planSsh, toRemote, toSshRemote } from './remote.ts';
import { installService, planRemove, type Removal, type Service } from './service.ts';
import type { Verbs } from './verbs.ts';

export const EDGE_VERBS = toVerbs(EDGE_REMOVAL, (file, name) => {
  const entry = findEntry(file, 'edge', name);
  const host = findEntry(file, 'hosts', entry.host);
  return { ssh: host.ssh, service: toEdgeService(entry, host) };
});

export const MONITORING_VERBS = toVerbs(MONITORING_REMOVAL, (file, name) => {
  const entry = findEntry(file, 'monitoring', name);
  return { ssh: entry.ssh, service: toMonitoringService(entry, readSettings(file)) };
});

export const TURN_VERBS = toVerbs(TURN_REMOVAL, (file, name) => {
  const entry = findEntry(file, 'turn', name);
  return { ssh: entry.ssh, service: toTurnService(entry, readSettings(file)) };
});

/** What the steps of a service's stack run. */
export function toVerbs(removal: Removal, toService: (file: string, name: string) => { ssh: SshSettings; service: Service }): Verbs {
  return {
    install: {
      words: ['SETTINGS', 'NAME'],
      act(file, name) {
        const { ssh, service } = toService(file!, name!);
        return installService(service, toRemote(planSsh(ssh)), process.env);
      },
    },
    remove: { words: ['SSH'], act: (ssh) => toSshRemote(ssh!).run(planRemove(removal)) },
  };
}
