import type { ValidateFunction } from 'ajv';
import fastJsonStringify from 'fast-json-stringify';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { createAjv } from '#contract/ajv';
import { NoQuery } from './schemas.ts';

/*
 * Fastify's own ajv drops unknown fields and turns "1280" into 1280. Here nothing is dropped, all errors are told together,
 * and only what has no types of its own (path, query, headers) is converted.
 *
 * A schema is compiled when it is first asked for: all of them at once would be a third of the controller's start, most for nothing.
 */
const strict = createAjv({ removeAdditional: false, coerceTypes: false });
// By itself ajv compares only finite numbers with their bounds, and "1e999" becomes one that is not.
const converting = createAjv({ removeAdditional: false, coerceTypes: true, strictNumbers: false });

export function validateStrictly(app: FastifyInstance): void {
  app.setValidatorCompiler<FastifySchema>(({ schema, httpPart }) => toValidator(schema, httpPart === 'body' ? strict : converting));
  app.setSerializerCompiler<FastifySchema>(({ schema }) => toSerializer(schema));
  // A route that names no query fields takes none.
  app.addHook('onRoute', (route) => {
    if (route.schema && !route.schema.querystring) route.schema.querystring = NoQuery;
  });
}

function toValidator(schema: FastifySchema, ajv: typeof strict): ValidateFunction {
  let check: ValidateFunction | undefined;
  const validate = (data: unknown) => {
    check ??= ajv.compile(schema);
    const isValid = check(data);
    validate.errors = check.errors;
    return isValid;
  };
  validate.errors = undefined as ValidateFunction['errors'];
  return validate as ValidateFunction;
}

function toSerializer(schema: FastifySchema): (data: unknown) => string {
  let serialize: ((data: unknown) => string) | undefined;
  return (data) => (serialize ??= fastJsonStringify(schema as object))(data);
}
