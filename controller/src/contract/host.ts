import { Type, type Static } from '#contract/schema';

const count = (description: string) => Type.Integer({ minimum: 0, description });

/** What an operator wants to know of the machine that all of it runs on. */
export const Host = Type.Object(
  {
    version: Type.String(),
    instance: Type.String(),
    startedAt: Type.String({ description: 'Since when this controller runs; ISO 8601, UTC.' }),
    driver: Type.Object({ name: Type.String(), isolation: Type.String() }, { additionalProperties: false }),
    image: Type.Optional(
      Type.Object({ id: Type.String(), ageDays: count('Days without security updates.') }, { additionalProperties: false }),
    ),
    cpu: Type.Object(
      {
        cores: count('Of the host.'),
        load: Type.Array(Type.Number(), { description: 'Processes that run or wait, mean of 1, 5 and 15 minutes.' }),
      },
      { additionalProperties: false },
    ),
    memory: Type.Object(
      { totalMib: count('Of the host.'), availableMib: count('Of it, without swapping.') },
      { additionalProperties: false },
    ),
    disk: Type.Object(
      { totalMib: count('Of the file system of the data directory.'), freeMib: count('Of it.') },
      { additionalProperties: false },
    ),
    slots: Type.Object({ used: count('Sessions that have a place.'), all: count('Places.') }, { additionalProperties: false }),
    upstreams: Type.Optional(
      Type.Object(
        {
          free: count('That are well, for another user.'),
          leased: count('Those of users who have sessions.'),
          cooling: count('Kept for users who had one.'),
          unwell: count('Of all of these and the others, that do not work.'),
        },
        { additionalProperties: false, description: 'Ways out, where there are upstreams.' },
      ),
    ),
    ready: Type.Boolean(),
    checks: Type.Record(Type.String(), Type.String(), { description: 'As GET /ready tells them: `ok`, or what is wrong.' }),
  },
  { additionalProperties: false },
);
export type Host = Static<typeof Host>;
