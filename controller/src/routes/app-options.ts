import { LogController, type FastifyReply, type FastifyRequest } from 'fastify';
import { toErrorReply } from './api-error.ts';

/** What both apps have in common. */
export const APP_OPTIONS = {
  // Only what goes wrong is logged, at the edge.
  logController: new LogController({ disableRequestLogging: true }),
  // A HEAD of an event stream would run it.
  exposeHeadRoutes: false,
  /** Bytes. An offer with all its candidates has about 20,000. */
  bodyLimit: 256 * 1024,
  /** Errors from before a route is found: an address that is none. */
  frameworkErrors(error: unknown, _request: FastifyRequest, reply: FastifyReply) {
    const { statusCode, body } = toErrorReply(error);
    void reply.code(statusCode).send(body);
  },
};
