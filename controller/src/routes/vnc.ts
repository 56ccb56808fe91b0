import { VNC_ACCESS } from '../vnc/handshake.ts';
import { Refusal } from '../refusal.ts';
import { watching } from './limits.ts';
import type { RouteApp } from './route-app.ts';
import { errors, SessionParams } from './schemas.ts';

/** Describes the WebSocket (see vnc/upgrade.ts), and answers those who come without asking for one. */
export function vncRoutes(app: RouteApp): void {
  const summary = 'WebSocket to the desktop’s VNC; subprotocols `binary` and `oriel.<token>`';
  app.get(
    '/api/vnc/session/:id',
    { config: { access: VNC_ACCESS, rateLimit: watching }, schema: { tags: ['vnc'], summary, params: SessionParams, response: errors } },
    async (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new Refusal(426, 'upgrade_required', 'this is a WebSocket');
    },
  );
}
