import { Type, type Static } from '#contract/schema';
import type { TUnknown } from 'typebox';

const ANYTHING = {} as TUnknown;

/** A path below the user's home, without a step up. */
const HomePath = Type.String({ pattern: '^(?!.*(?:^|/)\\.{1,2}(?:/|$))[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*$', maxLength: 200 });
const Argv = Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), { minItems: 1, maxItems: 32 });
/** A regular expression, as `new RegExp` takes it. */
const Pattern = Type.String({ minLength: 1, maxLength: 500 });

export const ProviderId = Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$' });

/** A file in which a tool keeps what signing in gave. */
export const CredentialFile = Type.Object(
  {
    path: HomePath,
    /** JSON Schema of its content. What it asks for is what `signed in` means; fields that it does not name are the tool's own business. */
    schema: Type.Record(Type.String({ pattern: '^.*$' }), ANYTHING),
  },
  { additionalProperties: false },
);
export type CredentialFile = Static<typeof CredentialFile>;

export const Login = Type.Object(
  {
    /** Run in the visible terminal, in the user's home. */
    command: Argv,
    /** The same where credentials were given back; `command` when missing. */
    refresh: Type.Optional(Argv),
    /** Settings that the tool finds in the home, so that it asks for nothing but the sign-in. */
    files: Type.Optional(
      Type.Array(Type.Object({ path: HomePath, content: Type.String({ maxLength: 4096 }) }, { additionalProperties: false }), {
        maxItems: 8,
      }),
    ),
    env: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Z][A-Z0-9_]*$' }), Type.String({ maxLength: 500 }))),
    /** Finds the address of the sign-in page in what the tool prints, where it opens none itself (BROWSER, xdg-open). */
    urlPattern: Type.Optional(Pattern),
    /** Loopback ports at which the tool awaits the page's redirect; 0: any. Page and tool are in one machine: nothing has to be opened for them. */
    callbackPorts: Type.Array(Type.Integer({ minimum: 0, maximum: 65_535 }), { maxItems: 8 }),
    /** What the tool says, when it ends without credentials, of a person who said no, and of a code or page that was too old. */
    denied: Type.Optional(Pattern),
    expired: Type.Optional(Pattern),
  },
  { additionalProperties: false },
);
export type Login = Static<typeof Login>;

/** Who one can sign in to, as data: everything that differs between tools. */
export const Provider = Type.Object(
  {
    id: ProviderId,
    name: Type.String({ minLength: 1, maxLength: 64 }),
    /** The tool's npm package, whose version the operator's lock has. Missing where none has to be installed. */
    package: Type.Optional(Type.String({ pattern: '^(?:@[a-z0-9-]+/)?[a-z0-9.-]+$' })),
    /** Missing: a plain desktop. */
    login: Type.Optional(Login),
    /** All of them, valid: signed in. */
    credentials: Type.Array(CredentialFile, { maxItems: 8 }),
    /** Host names that the sign-in needs through the egress proxy. */
    hosts: Type.Array(Type.String({ pattern: '^[a-z0-9.-]+$', maxLength: 253 }), { maxItems: 32 }),
  },
  { additionalProperties: false },
);
export type Provider = Static<typeof Provider>;

/** A provider as frontends are told of it. */
export const ProviderInfo = Type.Object(
  { id: ProviderId, name: Type.String(), hasLogin: Type.Boolean(), hosts: Type.Array(Type.String()) },
  { additionalProperties: false },
);
export type ProviderInfo = Static<typeof ProviderInfo>;

export const ProviderList = Type.Object({ providers: Type.Array(ProviderInfo) }, { additionalProperties: false });
export type ProviderList = Static<typeof ProviderList>;
