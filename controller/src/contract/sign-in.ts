import { Type, type Static } from '#contract/schema';
import { Provider } from './provider.ts';

/*
 * The second part of a machine's config: what is known once it has a session. It comes over the guest endpoint, to a machine that was
 * started warm and to one that was started cold alike, and what the sign-in gives goes back the same way.
 *
 *   GET  /guest/job?wait=25     → 200 Job; 204 none yet
 *   GET  /guest/credentials     → 200 Credentials to give back; 404 when there are none
 *   POST /guest/sign-in         SignInNews → 204
 *   POST /guest/credentials     Credentials → 204: they are kept, and can be forgotten in the machine
 *   POST /guest/wiped           → 204: they are; the session is over
 */

/** Largest credential file, bytes. */
export const CREDENTIAL_MAX_BYTES = 64 * 1024;

export const Job = Type.Object(
  {
    provider: Provider,
    /** Credentials of an earlier session are to be given back before the tool starts. */
    restore: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type Job = Static<typeof Job>;

export const Credentials = Type.Object(
  {
    files: Type.Array(
      Type.Object(
        { path: Type.String({ minLength: 1, maxLength: 200 }), content: Type.String({ minLength: 2, maxLength: CREDENTIAL_MAX_BYTES }) },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 8 },
    ),
  },
  { additionalProperties: false },
);
export type Credentials = Static<typeof Credentials>;

/** Each way in which a sign-in fails, for the session's reason. */
export const SIGN_IN_FAILURES = [
  'login_denied',
  'code_expired',
  'cli_missing',
  'cli_crashed',
  'login_cancelled',
  'page_unreachable',
  'credentials_malformed',
] as const;
export type SignInFailure = (typeof SIGN_IN_FAILURES)[number];

export const SignInNews = Type.Union([
  /** The tool runs in the visible terminal. */
  Type.Object({ state: Type.Literal('started') }, { additionalProperties: false }),
  /** Its page was opened in the desktop's browser: host alone, as the rest of the address may be a secret. */
  Type.Object({ state: Type.Literal('page_opened'), host: Type.String({ maxLength: 255 }) }, { additionalProperties: false }),
  Type.Object(
    { state: Type.Literal('failed'), code: Type.Enum([...SIGN_IN_FAILURES]), message: Type.String({ maxLength: 2000 }) },
    { additionalProperties: false },
  ),
]);
export type SignInNews = Static<typeof SignInNews>;

/** Reply of `GET /api/auth/session/:id/credentials`. Contents are the files' own bytes. */
export const CredentialsReply = Type.Object(
  {
    provider: Type.String(),
    userId: Type.String(),
    files: Credentials.properties.files,
    storedAt: Type.String(),
    expiresAt: Type.String(),
  },
  { additionalProperties: false },
);
export type CredentialsReply = Static<typeof CredentialsReply>;
