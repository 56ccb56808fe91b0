import { Type, type Static } from 'typebox';

/* What sections have in common. */

export const strict = { additionalProperties: false };
export const text = (description: string) => Type.String({ minLength: 1, description });
/** They become words of a shell's line in a plan. */
export const path = (description: string) => Type.String({ pattern: "^[^'$]+$", description });
/** Of an entry of a section: part of a stack's name, and of its state's. */
export const NAME = '^[a-z][a-z0-9-]{0,30}$';

/** Where a secret is: never the secret itself. */
export const Secret = Type.Union(
  [
    Type.Object({ file: text('Path of a file.') }, strict),
    Type.Object({ env: text('Name of a variable of whoever deploys.') }, strict),
    Type.Object({ command: Type.Array(Type.String(), { minItems: 1, description: 'Words of a command that prints it.' }) }, strict),
  ],
  { description: 'Exactly one of file, env, command.' },
);
export type SecretReference = Static<typeof Secret>;

/** A secret by its reference; a new version says that it has changed, which nobody else can see. */
export const VersionedSecret = Type.Object({ from: Secret, version: Type.Optional(Type.Integer()) }, strict);
export type VersionedSecret = Static<typeof VersionedSecret>;

/** A certificate of whoever deploys. */
export const Certificate = Type.Object(
  {
    certificate: path('File with the certificate and those between it and its root.'),
    key: Secret,
    version: Type.Optional(Type.Integer({ description: 'Another one says that the key has changed.' })),
  },
  strict,
);

export const Ssh = Type.Object(
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
export type SshSettings = Static<typeof Ssh>;
