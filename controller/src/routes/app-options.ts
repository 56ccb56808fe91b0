import type { Socket } from 'node:net';
import { LogController, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ErrorCode } from '#contract/error-code';
import { toErrorReply } from './api-error.ts';
import { sendRaw } from './raw-reply.ts';

/** What both apps have in common. `headers`: of replies that no route makes. */
export const toAppOptions = (headers: Record<string, string>) => ({
  // Only what goes wrong is logged, at the edge.
  logController: new LogController({ disableRequestLogging: true }),
  // A HEAD of an event stream would run it.
  exposeHeadRoutes: false,
  /** Bytes. An offer with all its candidates has about 20,000. */
  bodyLimit: 256 * 1024,
  /** Errors from before a route is found: an address that is none. */
  frameworkErrors(error: unknown, _request: FastifyRequest, reply: FastifyReply) {
    const { statusCode, body } = toErrorReply(error);
    void reply.code(statusCode).headers(headers).send(body);
  },
  /** What is no HTTP, or more of it than is taken. */
  clientErrorHandler(error: Error & { code?: string }, socket: Socket) {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    const { statusCode, code, message } = CLIENT_ERRORS[error.code ?? ''] ?? NO_HTTP;
    sendRaw(socket, { statusCode, headers, body: { error: { code, message } } });
  },
});

interface ClientError {
  statusCode: number;
  code: ErrorCode;
  message: string;
}

const NO_HTTP: ClientError = { statusCode: 400, code: 'invalid_request', message: 'this is no HTTP request' };
const CLIENT_ERRORS: Record<string, ClientError> = {
  ERR_HTTP_REQUEST_TIMEOUT: { statusCode: 408, code: 'request_timeout', message: 'the request did not come in time' },
  HPE_HEADER_OVERFLOW: { statusCode: 431, code: 'headers_too_large', message: 'the headers are more than is taken' },
};
