import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { ErrorObject } from 'ajv';
import { Type, type Static } from 'typebox';
import { ConfigInvalid, toConfig } from '../controller/src/config.ts';
import { createAjv } from '../controller/src/contract/ajv.ts';
import { nearest } from '../controller/src/nearest.ts';
import { RELEASE, SUMS } from './release/release.ts';

const text = (description: string) => Type.String({ minLength: 1, description });
/** They become words of a shell's line in a plan. */
const path = (description: string) => Type.String({ pattern: "^[^'$]+$", description });
const strict = { additionalProperties: false };

/** Where a secret is: never the secret itself. */
const Secret = Type.Union(
  [
    Type.Object({ file: text('Path of a file.') }, strict),
    Type.Object({ env: text('Name of a variable of whoever deploys.') }, strict),
    Type.Object({ command: Type.Array(Type.String(), { minItems: 1, description: 'Words of a command that prints it.' }) }, strict),
  ],
  { description: 'Exactly one of file, env, command.' },
);

const Ssh = Type.Object(
  {
    address: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9.:_-]*$', description: 'Name or address of the host.' }),
    user: Type.Optional(
      Type.String({ pattern: '^[a-z_][a-z0-9_-]*$', description: 'root when left out: Oriel mounts, and makes networks.' }),
    ),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    identityFile: Type.Optional(path('Private key; the agent’s when left out.')),
    knownHostsFile: path('File with the host’s key: nobody else’s is taken.'),
  },
  strict,
);

const Host = Type.Object(
  {
    ssh: Ssh,
    release: text('Folder of a release (just release).'),
    releaseKey: Type.Optional(text('Public key that the release must be signed with; unsigned is taken when left out.')),
    readySeconds: Type.Optional(
      Type.Integer({ minimum: 10, maximum: 3600, description: 'Until a new release must be ready, or the one before runs again; 60.' }),
    ),
    variables: Type.Record(Type.String({ pattern: '^ORIEL_' }), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
      ...strict,
      description: 'The controller’s variables (README).',
    }),
    secrets: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[a-z][a-z0-9-]*$' }),
        Type.Object({ from: Secret, version: Type.Optional(Type.Integer()) }, strict),
        {
          ...strict,
          description: 'Files below /etc/oriel/secrets, by name; a new version says that one has changed.',
        },
      ),
    ),
  },
  strict,
);

/** Settings of one environment: `infra/environments/NAME.json`. */
export const Settings = Type.Object(
  { hosts: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$' }), Host, { minProperties: 1, ...strict }) },
  strict,
);
export type Settings = Static<typeof Settings>;
export type HostSettings = Static<typeof Host>;
export type SshSettings = Static<typeof Ssh>;
export type SecretReference = Static<typeof Secret>;

/** Where a host has its secrets. */
export const SECRETS = '/etc/oriel/secrets';

/** `problems` has one sentence for each mistake. */
export class SettingsInvalid extends Error {
  override readonly name = 'SettingsInvalid';
  readonly problems: string[];
  constructor(path: string, problems: string[]) {
    super(`${path} is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Settings of a file, paths made absolute from where it is. Throws SettingsInvalid with everything that is wrong. */
export function readSettings(path: string): Settings {
  const file = resolve(path);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SettingsInvalid(path, [`it is no JSON that can be read: ${(error as Error).message}`]);
  }
  const validate = createAjv({ verbose: true }).compile<Settings>(Settings);
  if (!validate(value)) throw new SettingsInvalid(path, toSentences(validate.errors ?? []));
  const settings = fromFolder(value, dirname(file));
  const problems = Object.entries(settings.hosts).flatMap(([name, host]) =>
    findProblems(host).map((problem) => `hosts.${name}.${problem}`),
  );
  if (problems.length > 0) throw new SettingsInvalid(path, problems);
  return settings;
}

/** Text of the controller's variables on a host: systemd's EnvironmentFile. */
export function toEnvironmentFile({ variables }: Pick<HostSettings, 'variables'>): string {
  const quote = (value: string) => `"${value.replace(/[\\"$`]/g, '\\$&')}"`;
  return Object.entries(variables)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${quote(toText(value))}\n`)
    .join('');
}

function toText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}

function fromFolder({ hosts }: Settings, dir: string): Settings {
  const at = (path: string) => (isAbsolute(path) ? path : join(dir, path));
  const toHost = (host: HostSettings): HostSettings => ({
    ...host,
    release: at(host.release),
    ...(host.releaseKey && { releaseKey: at(host.releaseKey) }),
    ssh: {
      ...host.ssh,
      knownHostsFile: at(host.ssh.knownHostsFile),
      ...(host.ssh.identityFile && { identityFile: at(host.ssh.identityFile) }),
    },
    ...(host.secrets && {
      secrets: Object.fromEntries(
        Object.entries(host.secrets).map(([name, { from, ...rest }]) => [
          name,
          { ...rest, from: 'file' in from ? { file: at(from.file) } : from },
        ]),
      ),
    }),
  });
  return { hosts: Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, toHost(host)])) };
}

/** What a schema cannot say. */
function findProblems({ ssh, release, releaseKey, variables, secrets = {} }: HostSettings): string[] {
  const files = { 'ssh.knownHostsFile': ssh.knownHostsFile, 'ssh.identityFile': ssh.identityFile, releaseKey };
  const missing = Object.entries(files).flatMap(([name, path]) => (path && !existsSync(path) ? [`${name}: there is no ${path}`] : []));
  const parts = [RELEASE, SUMS].filter((name) => !existsSync(join(release, name)));
  const named = Object.values(variables).flatMap((value) =>
    String(value).startsWith(`${SECRETS}/`) ? [String(value).slice(SECRETS.length + 1)] : [],
  );
  return [
    ...missing,
    ...(parts.length ? [`release: ${release} has no ${parts.join(', no ')}: it is no release (just release)`] : []),
    ...named
      .filter((name) => !Object.hasOwn(secrets, name))
      .map((name) => `secrets: ${SECRETS}/${name} is named by a variable, and there is no ${name}`),
    ...Object.entries(secrets).flatMap(([name, { from }]) =>
      'file' in from && !existsSync(from.file) ? [`secrets.${name}: there is no ${from.file}`] : [],
    ),
    ...findVariableProblems(variables),
  ];
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

/** One sentence a mistake; of a union's branches only that none fits. */
function toSentences(errors: readonly ErrorObject[]): string[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath);
  return errors
    .filter(({ keyword, instancePath }) => keyword === 'anyOf' || !unions.some((path) => instancePath.startsWith(path)))
    .map(({ instancePath, keyword, message, params, parentSchema }) => {
      const where = instancePath.slice(1).replaceAll('/', '.') || 'settings';
      if (keyword === 'additionalProperties') {
        const { properties = {}, patternProperties = {} } = parentSchema as { properties?: object; patternProperties?: object };
        const [known, pattern] = [Object.keys(properties), Object.keys(patternProperties)[0]];
        if (pattern) return `${where}: ${String(params.additionalProperty)} is no name like ${pattern}`;
        const near = known.length > 0 ? `; did you mean ${nearest(String(params.additionalProperty), known)}?` : '';
        return `${where}: there is no ${String(params.additionalProperty)}${near}`;
      }
      if (keyword === 'anyOf')
        return `${where}: it must be ${where.endsWith('from') ? 'exactly one of {file}, {env}, {command}' : 'text, a number, true or false'}`;
      return `${where}: ${message ?? keyword}`;
    });
}
