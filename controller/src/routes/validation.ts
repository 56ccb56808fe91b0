import { Ajv } from 'ajv';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { NoQuery } from './schemas.ts';

/*
 * Fastify's own ajv drops unknown fields and turns "1280" into 1280. Here nothing is dropped, all errors are told together,
 * and only what has no types of its own (path, query, headers) is converted.
 */
const strict = new Ajv({ allErrors: true, removeAdditional: false, coerceTypes: false });
// By itself ajv compares only finite numbers with their bounds, and "1e999" becomes one that is not.
const converting = new Ajv({ allErrors: true, removeAdditional: false, coerceTypes: true, strictNumbers: false });

export function validateStrictly(app: FastifyInstance): void {
  app.setValidatorCompiler<FastifySchema>(({ schema, httpPart }) => (httpPart === 'body' ? strict : converting).compile(schema));
  // A route that names no query fields takes none.
  app.addHook('onRoute', (route) => {
    if (route.schema && !route.schema.querystring) route.schema.querystring = NoQuery;
  });
}
