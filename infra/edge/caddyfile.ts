import { toUrlHost } from '../../controller/src/net/url-host.ts';
import { type EdgeSettings, type INSIDE } from '../settings/edge.ts';
import { toControllerAddress } from '../settings/host.ts';
import type { HostSettings } from '../settings/host.ts';
import { toConfigDir, toDataDir } from '../deploy/service.ts';

/** Files beside it, which it names. */
export const EDGE_FILES = {
  caddyfile: 'Caddyfile',
  certificate: 'tls/certificate.pem',
  key: 'tls/key.pem',
  metricsToken: 'metrics-token',
} as const;

const PATHS: Record<(typeof INSIDE)[number], string[]> = {
  metrics: ['/metrics'],
  operator: ['/operator'],
  ready: ['/ready'],
  openapi: ['/api/openapi.json'],
};

const YEAR_S = 31_536_000;
/** Replies of the edge's own, when the controller does not answer, have no page in them. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'";

/** What Caddy is told (2.6, as Debian 13 has it). `dir`: where its files are. */
export function toCaddyfile(
  edge: EdgeSettings,
  host: Pick<HostSettings, 'variables'>,
  dir = toConfigDir('edge'),
  data = `${toDataDir('edge')}/data`,
): string {
  const { address, port } = toControllerAddress(host);
  return lines([
    '# Made by the edge stack.',
    block('', toGlobals(edge, data)),
    block(edge.names.join(', '), [
      `tls ${toTls(edge, dir)}`,
      // A page's scripts; what has tokens in it is left as it is, and events are not held back.
      block('encode zstd gzip', [
        block('match', [
          'header Content-Type text/css*',
          'header Content-Type text/javascript*',
          'header Content-Type application/javascript*',
        ]),
      ]),
      // The controller says these itself: only where it has not been asked.
      block('header', [
        '-Server',
        `?Strict-Transport-Security "max-age=${YEAR_S}"`,
        '?X-Content-Type-Options nosniff',
        '?Referrer-Policy no-referrer',
      ]),
      ...toInside(edge),
      block(`reverse_proxy ${toUrlHost(address)}:${port}`, [
        // Whoever says of himself where he comes from is not believed: there is nobody in front of the edge.
        'header_up X-Forwarded-For {remote_host}',
        // While a controller begins anew, people wait and are not refused.
        'lb_try_duration 5s',
        'lb_try_interval 100ms',
        block('transport http', ['dial_timeout 2s', 'compression off']),
      ]),
      block('handle_errors', [
        'header -Server',
        `header Content-Security-Policy "${NOTHING}"`,
        'header Content-Type application/json',
        'header Cache-Control no-store',
        `respond \`${toError('unreachable', 'the controller does not answer')}\` {http.error.status_code}`,
      ]),
    ]),
  ]);
}

function toGlobals({ tls }: EdgeSettings, data: string): Text[] {
  return [
    // Whoever can ask it has every secret that it was told. A change begins it anew.
    'admin off',
    `storage file_system ${data}`,
    ...('acme' in tls ? [`email ${tls.acme.email}`, ...(tls.acme.directory ? [`acme_ca ${tls.acme.directory}`] : [])] : []),
    ...('internal' in tls ? ['skip_install_trust'] : []),
    block('servers', ['protocols h1 h2', block('timeouts', ['read_header 10s', 'idle 5m'])]),
    'grace_period 5s',
  ];
}

function toTls({ tls }: EdgeSettings, dir: string): string {
  if ('internal' in tls) return 'internal';
  return 'acme' in tls ? tls.acme.email : `${dir}/${EDGE_FILES.certificate} ${dir}/${EDGE_FILES.key}`;
}

/** To everybody else these are not there. */
function toInside({ open = [], metricsToken }: EdgeSettings): Text[] {
  const closed = (Object.keys(PATHS) as (keyof typeof PATHS)[]).filter((name) => !open.includes(name));
  if (closed.length === 0) return [];
  const byToken = metricsToken && closed.includes('metrics');
  return [
    block('@inside', [
      `path ${closed.flatMap((name) => PATHS[name].flatMap((path) => [path, `${path}/*`])).join(' ')}`,
      ...(byToken ? [block('not', ['path /metrics', 'header Authorization "Bearer {$ORIEL_METRICS_TOKEN}"'])] : []),
    ]),
    block('handle @inside', [
      'header Content-Type application/json',
      `respond \`${toError('not_found', 'there is nothing at this address')}\` 404`,
    ]),
  ];
}

/** As the controller says it. */
function toError(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } });
}

type Text = string | Text[];

function block(head: string, body: readonly Text[]): Text[] {
  return [head ? `${head} {` : '{', ...body.flat(9).map((line) => `\t${line}`), '}'];
}

function lines(text: readonly Text[]): string {
  return `${(text.flat(9) as string[]).join('\n')}\n`;
}
