import { Type } from '#contract/schema';
import { Region } from '#contract/screenshot';
import { principalOf } from '../auth/guard.ts';
import { toWho } from '../auth/principal.ts';
import { Refusal } from '../refusal.ts';
import { goneSignal } from './gone.ts';
import { picturing } from './limits.ts';
import type { RouteApp, RouteDeps } from './route-app.ts';
import { errors, SessionParams } from './schemas.ts';

/** On a slow host ten in a row take 4 s; an emulated machine is ten times slower. */
const LATE_MS = 15_000;
const SIDES = ['x', 'y', 'width', 'height'] as const;
const { properties } = Region;

const RegionQuery = Type.Object(
  {
    x: Type.Optional(properties.x),
    y: Type.Optional(properties.y),
    width: Type.Optional(properties.width),
    height: Type.Optional(properties.height),
  },
  { additionalProperties: false },
);
const PngReply = { content: { 'image/png': { schema: Type.String({ format: 'binary' }) } } };

const description = `
As it is at that moment, without the pointer. \`x\`, \`y\`, \`width\`, \`height\` together, in the desktop’s pixels, name a part of it; what of that
is beyond the desktop’s edges is left out. A host may refuse screenshots (\`ORIEL_SCREENSHOTS=0\`).
`;

/** Pictures of desktops, for who may see them. */
export function screenshotRoutes(app: RouteApp, { config, sessions, audit }: RouteDeps): void {
  app.get(
    '/api/auth/session/:id/screenshot',
    {
      config: { access: { scope: 'control', viewer: 'view' }, rateLimit: picturing },
      schema: {
        tags: ['sessions'],
        summary: 'A picture of the desktop, as PNG',
        description,
        params: SessionParams,
        querystring: RegionQuery,
        response: { 200: PngReply, ...errors },
      },
    },
    async (request, reply) => {
      if (!config.screenshots) throw new Refusal(403, 'screenshots_off', 'this host takes no screenshots (ORIEL_SCREENSHOTS)');
      const { id } = request.params;
      const region = toRegion(request.query);
      const { machine } = sessions.ready(id);
      const principal = principalOf(request);
      // Its viewer sees it anyway.
      if (principal.kind === 'key') audit.append({ who: toWho(principal), action: 'screenshot', sessionId: id });
      const png = await machine.screenshots.take(region, LATE_MS, machine.life.signal, goneSignal(reply));
      // To the description it is a string, as OpenAPI says it; a Buffer is sent as it is.
      if (png) return reply.type('image/png').send(png as unknown as string);
      sessions.ready(id);
      throw new Refusal(504, 'screenshot_late', `the desktop gave no picture within ${LATE_MS / 1000} s; one of an older image gives none`);
    },
  );
}

/** All of the four, or none. Throws Refusal. */
function toRegion(query: Partial<Region>): Region | undefined {
  const missing = SIDES.filter((side) => query[side] === undefined);
  if (missing.length === SIDES.length) return undefined;
  if (missing.length === 0) return { ...query } as Region;
  throw new Refusal(400, 'invalid_request', `a part of the desktop has x, y, width and height: ${missing.join(', ')} missing`);
}
