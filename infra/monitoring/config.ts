import { stringify } from 'yaml';
import { findWay, type MonitoringSettings } from '../settings/monitoring.ts';
import type { Settings } from '../settings/settings.ts';

/** The rules and the dashboard look for this name. */
const JOB = 'oriel';
export const PROMETHEUS = '127.0.0.1:9090';
export const NODE_EXPORTER = '127.0.0.1:9100';

/** A file beside the configuration with the token that an edge asks for. */
export const toTokenFile = (edge: string) => `token-${edge}`;

/** What Prometheus is told. */
export function toPrometheusYaml(entry: MonitoringSettings, settings: Settings): string {
  const { alertmanagers = [], nodes = [] } = entry;
  return `# Made by the monitoring stack.\n${stringify({
    global: { scrape_interval: '15s', evaluation_interval: '15s' },
    rule_files: ['alerts.yml'],
    ...(alertmanagers.length > 0 && { alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] } }),
    scrape_configs: [
      ...entry.hosts.map((name) => toScrape(name, entry, settings)),
      { job_name: 'node', static_configs: [{ targets: [NODE_EXPORTER, ...nodes] }] },
      { job_name: 'prometheus', static_configs: [{ targets: [PROMETHEUS] }] },
    ],
  })}`;
}

/** One job for each host, as each may be reached in another way; to the rules they are all one. */
function toScrape(name: string, entry: MonitoringSettings, settings: Settings): object {
  const { target, edge } = findWay(entry, name, settings)!;
  const hasToken = edge !== undefined && settings.edge[edge]!.metricsToken !== undefined;
  return {
    job_name: `${JOB}-${name}`,
    ...(edge !== undefined && { scheme: 'https' }),
    ...(hasToken && { authorization: { type: 'Bearer', credentials_file: toTokenFile(edge) } }),
    static_configs: [{ targets: [target], labels: { job: JOB, instance: name } }],
  };
}

/** Where Grafana's dashboards come from: a folder of files. */
export function toGrafanaProvider(folder: string): string {
  return stringify({ apiVersion: 1, providers: [{ name: 'Oriel', type: 'file', options: { path: folder } }] });
}

export function toGrafanaSource(): string {
  return stringify({ apiVersion: 1, datasources: [{ name: 'Oriel', type: 'prometheus', access: 'proxy', url: `http://${PROMETHEUS}` }] });
}
