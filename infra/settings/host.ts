import { Type, type Static } from 'typebox';
import { ConfigInvalid, toConfig } from '../../controller/src/config.ts';
import { path, Ssh, strict, text, VersionedSecret } from './schemas.ts';
import {
  findMissing,
  findReleaseProblems,
  findSecretProblems,
  findSshProblems,
  secretFromFolder,
  type Section,
  sshFromFolder,
} from './section.ts';

export const Host = Type.Object(
  {
    ssh: Ssh,
    release: text('Folder of a release (just release).'),
    releaseKey: Type.Optional(path('Public key that the release must be signed with; unsigned is taken when left out.')),
    readySeconds: Type.Optional(
      Type.Integer({ minimum: 10, maximum: 3600, description: 'Until a new release must be ready, or the one before runs again; 60.' }),
    ),
    variables: Type.Record(Type.String({ pattern: '^ORIEL_' }), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
      ...strict,
      description: 'The controller’s variables (README).',
    }),
    secrets: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]*$' }), VersionedSecret, {
        ...strict,
        description: 'Files below /etc/oriel/secrets, by name; a new version says that one has changed.',
      }),
    ),
  },
  strict,
);
export type HostSettings = Static<typeof Host>;

/** Where a host has its secrets. */
export const SECRETS = '/etc/oriel/secrets';

/** A host of desktops. */
export const hosts: Section<HostSettings> = {
  schema: Host,
  fromFolder: (host, at) => ({
    ...host,
    ssh: sshFromFolder(host.ssh, at),
    release: at(host.release),
    ...(host.releaseKey && { releaseKey: at(host.releaseKey) }),
    ...(host.secrets && {
      secrets: Object.fromEntries(
        Object.entries(host.secrets).map(([name, secret]) => [name, { ...secret, from: secretFromFolder(secret.from, at) }]),
      ),
    }),
  }),
  findProblems({ ssh, release, releaseKey, variables, secrets = {} }) {
    const named = Object.values(variables).flatMap((value) =>
      String(value).startsWith(`${SECRETS}/`) ? [String(value).slice(SECRETS.length + 1)] : [],
    );
    return [
      ...findSshProblems(ssh),
      ...findMissing({ releaseKey }),
      ...findReleaseProblems(release),
      ...named
        .filter((name) => !Object.hasOwn(secrets, name))
        .map((name) => `secrets: ${SECRETS}/${name} is named by a variable, and there is no ${name}`),
      ...Object.entries(secrets).flatMap(([name, { from }]) => findSecretProblems(`secrets.${name}`, from)),
      ...findVariableProblems(variables),
    ];
  },
};

/** Text of the controller's variables on a host: systemd's EnvironmentFile. */
export function toEnvironmentFile({ variables }: Pick<HostSettings, 'variables'>): string {
  const quote = (value: string) => `"${value.replace(/[\\"$`]/g, '\\$&')}"`;
  return Object.entries(variables)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${quote(toText(value))}\n`)
    .join('');
}

/** A variable as the controller gets it. */
export function toText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}

/** Where the controller of a host listens, from its settings. */
export function toControllerAddress({ variables }: Pick<HostSettings, 'variables'>): { address: string; port: number } {
  return { address: toText(variables.ORIEL_BIND ?? '127.0.0.1'), port: Number(variables.ORIEL_PORT ?? 7080) };
}

/** The controller's own door decides. */
function findVariableProblems(variables: HostSettings['variables']): string[] {
  try {
    toConfig(Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, toText(value)])));
    return [];
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.problems.map((problem) => `variables: ${problem}`);
    throw error;
  }
}
