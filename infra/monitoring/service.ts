import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toConfigDir, toDataDir, type Removal, type Service } from '../deploy/service.ts';
import { findWay, type MonitoringSettings } from '../settings/monitoring.ts';
import type { Settings } from '../settings/settings.ts';
import { NODE_EXPORTER, PROMETHEUS, toGrafanaProvider, toGrafanaSource, toPrometheusYaml, toTokenFile } from './config.ts';

const [DIR, DATA] = [toConfigDir('monitoring'), `${toDataDir('monitoring')}/data`];
const PACKAGES = ['prometheus', 'prometheus-node-exporter'];
const UNITS = ['prometheus.service', 'prometheus-node-exporter.service'];
const toDropIn = (unit: string) => `/etc/systemd/system/${unit}.d/oriel.conf`;
const DASHBOARDS = '/etc/grafana/provisioning/dashboards';
const GRAFANA = {
  [`${DASHBOARDS}/oriel.yaml`]: 'grafana/dashboards.yaml',
  [`${DASHBOARDS}/oriel/oriel.json`]: 'grafana/dashboard.json',
  '/etc/grafana/provisioning/datasources/oriel.yaml': 'grafana/source.yaml',
};

/** Prometheus with Oriel's rules, and a node exporter, as Debian packages them; both answer this machine alone. */
export function toMonitoringService(entry: MonitoringSettings, settings: Settings): Service {
  const edges = entry.hosts.flatMap((name) => findWay(entry, name, settings)?.edge ?? []);
  const tokens = edges.flatMap((name) => {
    const { metricsToken } = settings.edge[name]!;
    return metricsToken ? [[toTokenFile(name), metricsToken] as const] : [];
  });
  return {
    name: 'monitoring',
    packages: PACKAGES,
    group: 'prometheus',
    files: {
      'prometheus.yml': toPrometheusYaml(entry, settings),
      'alerts.yml': read('alerts.yml'),
      'prometheus.conf': toPrometheusUnit(entry.retentionDays ?? 15),
      'node.conf': NODE_UNIT,
      ...(entry.grafana && {
        'grafana/dashboard.json': read('dashboard.json'),
        'grafana/dashboards.yaml': toGrafanaProvider(`${DASHBOARDS}/oriel`),
        'grafana/source.yaml': toGrafanaSource(),
      }),
    },
    ...(tokens.length > 0 && { secrets: Object.fromEntries(tokens) }),
    copies: { [toDropIn(UNITS[0]!)]: 'prometheus.conf', [toDropIn(UNITS[1]!)]: 'node.conf', ...(entry.grafana && GRAFANA) },
    units: UNITS,
    check: 'promtool check config prometheus.yml >/dev/null',
    ready: `for second in $(seq 60); do promtool check ready --url=http://${PROMETHEUS} >/dev/null 2>&1 && break; test $second -lt 60 && sleep 1; done`,
  };
}

export const MONITORING_REMOVAL: Removal = {
  name: 'monitoring',
  packages: PACKAGES,
  units: UNITS,
  copies: [...UNITS.map(toDropIn), ...Object.keys(GRAFANA)],
};

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}

function toPrometheusUnit(days: number): string {
  return toUnit(
    `/usr/bin/prometheus --config.file=${DIR}/prometheus.yml --storage.tsdb.path=${DATA} --storage.tsdb.retention.time=${days}d --web.listen-address=${PROMETHEUS}`,
    'StateDirectory=oriel-monitoring/data\n',
  );
}

const NODE_UNIT = toUnit(`/usr/bin/prometheus-node-exporter --web.listen-address=${NODE_EXPORTER}`, '');

function toUnit(command: string, more: string): string {
  return `# Made by the monitoring stack.
[Service]
ExecStart=
ExecStart=${command}
${more}Restart=on-failure
NoNewPrivileges=yes
ProtectHome=yes
`;
}
