import { Type, type Static } from '#contract/schema';
import { PeerId } from './signal.ts';
import { VIEWER_ROLES } from './viewer-role.ts';

const Role = Type.Enum([...VIEWER_ROLES], { description: '`view` may look; `control` uses mouse and keyboard, too.' });

/** Body of `POST /api/auth/session/:id/viewers`. */
export const ViewerBody = Type.Object({ role: Role }, { additionalProperties: false });
export type ViewerBody = Static<typeof ViewerBody>;

const token = {
  /** Good for this session only, until `expiresAt`; the viewer's page renews it as long as the session lives. */
  token: Type.String(),
  expiresAt: Type.String(),
};

/** One who may look at a desktop. `url` is the page, with the token in its fragment. */
export const Viewer = Type.Object({ url: Type.String(), peerId: PeerId, role: Role, ...token }, { additionalProperties: false });
export type Viewer = Static<typeof Viewer>;

/** Reply to a renewal. `expiresInMs` is for those whose clock is another one. */
export const ViewerRenewed = Type.Object(
  { role: Role, ...token, expiresInMs: Type.Integer({ minimum: 0 }) },
  { additionalProperties: false },
);
export type ViewerRenewed = Static<typeof ViewerRenewed>;

export const Viewers = Type.Object(
  {
    viewers: Type.Array(
      Type.Object(
        {
          peerId: PeerId,
          role: Role,
          createdAt: Type.String(),
          createdBy: Type.String(),
          expiresAt: Type.String(),
          revokedAt: Type.Optional(Type.String()),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Viewers = Static<typeof Viewers>;
