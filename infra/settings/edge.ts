import { isLoopback, toList } from '../../controller/src/config.ts';
import { Type, type Static } from 'typebox';
import { type HostSettings, toControllerAddress, toText } from './host.ts';
import { Certificate, NAME, strict, VersionedSecret } from './schemas.ts';
import { findMissing, findSecretProblems, secretFromFolder, type Section } from './section.ts';

const DNS_NAME = '^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$';
/** What a controller tells whoever asks, and an edge keeps inside unless it is said here. */
export const INSIDE = ['metrics', 'operator', 'ready', 'openapi'] as const;

const Tls = Type.Union([
  Type.Object(
    {
      acme: Type.Object(
        {
          email: Type.String({ pattern: '^[^\\s@"{}]+@[^\\s@"{}]+$', description: 'Who is told when a certificate is about to expire.' }),
          directory: Type.Optional(Type.String({ pattern: '^https://[^\\s"{}]+$', description: 'Let’s Encrypt when left out.' })),
        },
        strict,
      ),
    },
    strict,
  ),
  Certificate,
  Type.Object({ internal: Type.Literal(true, { description: 'Of a root that the edge makes itself: for tests.' }) }, strict),
]);

export const Edge = Type.Object(
  {
    host: Type.String({ pattern: NAME, description: 'The host of desktops that it is in front of, by its name in `hosts`.' }),
    names: Type.Array(Type.String({ pattern: DNS_NAME }), {
      minItems: 1,
      uniqueItems: true,
      description: 'Its names; the first is the public URL’s.',
    }),
    tls: Tls,
    open: Type.Optional(
      Type.Array(Type.Enum([...INSIDE]), {
        uniqueItems: true,
        description: 'What is shown to everybody beside desktops and API; nothing when left out.',
      }),
    ),
    metricsToken: Type.Optional(VersionedSecret),
  },
  { ...strict, description: 'metricsToken: whoever has it in `Authorization: Bearer` may read /metrics.' },
);
export type EdgeSettings = Static<typeof Edge>;

/** TLS in front of a host's controller, on the same host. */
export const edge: Section<EdgeSettings> = {
  schema: Edge,
  fromFolder: (entry, at) => ({
    ...entry,
    ...('certificate' in entry.tls && {
      tls: { ...entry.tls, certificate: at(entry.tls.certificate), key: secretFromFolder(entry.tls.key, at) },
    }),
    ...(entry.metricsToken && { metricsToken: { ...entry.metricsToken, from: secretFromFolder(entry.metricsToken.from, at) } }),
  }),
  findProblems({ host, names, tls, metricsToken }, { settings, has }) {
    const behind = settings.hosts[host];
    return [
      ...('certificate' in tls ? [...findMissing({ 'tls.certificate': tls.certificate }), ...findSecretProblems('tls.key', tls.key)] : []),
      ...findSecretProblems('metricsToken', metricsToken?.from),
      ...(behind ? findHostProblems(behind, names[0]!) : has('hosts', host) ? [] : [`host: there is no ${host} in hosts`]),
    ];
  },
};

/** A controller behind an edge answers it alone, knows its own name, and whose address it is told. */
function findHostProblems(host: HostSettings, name: string): string[] {
  const { address } = toControllerAddress(host);
  const url = toText(host.variables.ORIEL_PUBLIC_URL ?? '');
  const trusted = toList(toText(host.variables.ORIEL_TRUSTED_PROXIES ?? ''));
  return [
    ...(isLoopback(address)
      ? []
      : [`host: its ORIEL_BIND is ${address}: behind an edge it is to be 127.0.0.1, so that nobody goes around`]),
    ...(url === `https://${name}` ? [] : [`host: its ORIEL_PUBLIC_URL is to be https://${name}`]),
    ...(trusted.includes('127.0.0.1')
      ? []
      : ['host: its ORIEL_TRUSTED_PROXIES is to have 127.0.0.1, or all people are one address to the controller’s limits']),
  ];
}
