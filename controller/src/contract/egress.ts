import { Type, type Static } from '#contract/schema';

/** `host.example`, `*.host.example` (all below it, not itself), or `*`. */
const LABEL = '[^\\s*.,:;/?#@\\[\\]\\\\%<>^|"\']+';
export const HostPattern = Type.String({
  maxLength: 253,
  pattern: `^(\\*|(\\*\\.)?${LABEL}(\\.${LABEL})*\\.?)$`,
  description: 'A host name; with `*.` before it all names below it, but not itself; `*` is every name.',
});

/** Where a session may go, by the name that is asked for. Private and local addresses are never reached, whatever stands here. */
export const EgressRules = Type.Object(
  {
    allow: Type.Optional(Type.Array(HostPattern, { maxItems: 256, description: 'Nothing but these, when it is there.' })),
    deny: Type.Optional(Type.Array(HostPattern, { maxItems: 256, description: 'None of these; stronger than `allow`.' })),
  },
  { additionalProperties: false },
);
export type EgressRules = Static<typeof EgressRules>;

const count = (description: string) => Type.Integer({ minimum: 0, description });

/** A session's way out, as it is known now. */
export const SessionEgress = Type.Object(
  {
    ...EgressRules.properties,
    upstream: Type.Optional(Type.String({ description: 'Name of the upstream that its user leaves through; straight out without.' })),
    address: Type.Optional(Type.String({ description: 'From which the world sees it come, where that is known.' })),
    connections: Type.Optional(count('That it has made.')),
    refused: Type.Optional(count('That it has asked for and not got: forbidden addresses and names, limits.')),
    bytesUp: Type.Optional(count('From the desktop.')),
    bytesDown: Type.Optional(count('To the desktop.')),
  },
  { additionalProperties: false },
);
export type SessionEgress = Static<typeof SessionEgress>;
