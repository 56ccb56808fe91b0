import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import type { Call } from '../../../fakes/fake-firecracker.ts';

/** Firecracker's own description of its API. It is not ours to copy: it lies beside the repository, or where the variable says. */
const PATH =
  process.env.ORIEL_TEST_FIRECRACKER_API ?? join(import.meta.dirname, '../../../../../../shared/contracts/firecracker-v1.16.1.yaml');

export const DESCRIPTION_MISSING = 'the description of Firecracker’s API is not here (ORIEL_TEST_FIRECRACKER_API)';

export interface Description {
  version: string;
  /** Why this is no call of the API; empty when it is one. */
  checkCall(call: Call): string[];
  /** Why this is no answer to such a call. */
  checkAnswer(call: Call, status: number, body: unknown): string[];
}

interface Operation {
  parameters?: { in: string; required?: boolean; schema?: object }[];
  responses: Record<string, { schema?: object }>;
}

interface Swagger {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  definitions: Record<string, object>;
}

export function readDescription(): Description | undefined {
  return existsSync(PATH) ? toDescription(parse(readFileSync(PATH, 'utf8')) as Swagger) : undefined;
}

/** As strict as it can be read: what a definition does not name is refused. */
function toDescription({ info, paths, definitions }: Swagger): Description {
  // Swagger has words (`example`, `readOnly`) and formats that JSON Schema has not.
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(toStrict({ $id: 'api', definitions }) as object);
  const compile = (schema: object): ValidateFunction => ajv.compile(toStrict(pointTo(schema)) as object);
  const find = ({ method, path }: Call) => {
    const template = Object.keys(paths).find((name) => new RegExp(`^${name.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path));
    const operation = template === undefined ? undefined : paths[template]![method.toLowerCase()];
    return operation && { template: template!, operation };
  };
  return {
    version: info.version,
    checkCall(call) {
      const found = find(call);
      if (!found) return [`there is no ${call.method} ${call.path}`];
      const parameter = found.operation.parameters?.find(({ in: place }) => place === 'body');
      if (!parameter) return call.body === undefined ? [] : ['it takes no body'];
      if (call.body === undefined) return parameter.required ? ['it takes a body'] : [];
      return [...toProblems(compile(parameter.schema!), call.body), ...findOtherId(found.template, call)];
    },
    checkAnswer(call, status, body) {
      const { responses } = find(call)?.operation ?? { responses: {} };
      const response = responses[status] ?? (status >= 400 ? responses.default : undefined);
      if (!response) return [`${status} is no answer to ${call.method} ${call.path}`];
      if (!response.schema) return body === undefined ? [] : [`${status} has no body`];
      return toProblems(compile(response.schema), body);
    },
  };
}

/** The id is said twice, and Firecracker insists that it is the same one. */
function findOtherId(template: string, { path, body }: Call): string[] {
  const name = /\{(\w+)\}$/.exec(template)?.[1];
  return name === undefined || body?.[name] === path.split('/').at(-1) ? [] : [`${name} of the path is not the body's`];
}

function toProblems(validate: ValidateFunction, value: unknown): string[] {
  return validate(value) ? [] : (validate.errors ?? []).map(toProblem);
}

function toProblem({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath} ${message} ${JSON.stringify(params)}`;
}

function pointTo(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/definitions/', '"api#/definitions/')) as object;
}

function toStrict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toStrict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, toStrict(value)] as const);
  const isClosed = 'properties' in schema && !('additionalProperties' in schema);
  return { ...Object.fromEntries(entries), ...(isClosed && { additionalProperties: false }) };
}
