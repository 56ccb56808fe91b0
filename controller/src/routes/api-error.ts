import type { ErrorObject } from 'ajv';
import type { FastifyError } from 'fastify';
import type { ErrorCode } from '#contract/error-code';
import type { ApiError } from '#contract/session';
import { isOutOfDescriptors } from '../host/descriptors.ts';
import { Refusal } from '../refusal.ts';
import { NoDescriptors } from '../sessions/errors.ts';
import { isStoreError } from '../store/errors.ts';

export interface ErrorReply {
  statusCode: number;
  headers: Record<string, string>;
  body: ApiError;
}

/** What a caller is told about an error. Of one that is not the caller's it learns nothing but that. */
export function toErrorReply(error: unknown): ErrorReply {
  if (error instanceof Refusal) {
    const headers: Record<string, string> = error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) };
    return { statusCode: error.statusCode, headers, body: toBody(error.code, error.message) };
  }
  const { validation, validationContext, statusCode = 500, code, message } = error as Partial<FastifyError>;
  if (validation) {
    const problems = validation as unknown as ErrorObject[];
    const fields = problems.slice(0, FIELDS_MOST).map((problem) => toField(validationContext ?? 'body', problem));
    const more = problems.length > FIELDS_MOST ? '; and more' : '';
    const sentences = fields.map((field) => `${field.path} ${field.message}`).join('; ');
    return plain(400, 'invalid_request', `${problems.length} wrong: ${sentences}${more}`, fields);
  }
  if (isOutOfDescriptors(error)) return toErrorReply(new NoDescriptors(0, 1));
  if (isStoreError(error)) return plain(503, 'store_failed', 'the controller cannot write to its database; its log says more');
  if (statusCode < 400 || statusCode >= 500) return plain(500, 'internal', 'the controller made a mistake; its log says more');
  return plain(statusCode, CODES[code ?? ''] ?? 'invalid_request', message ?? 'the request is wrong');
}

/** Wrong fields that are told, and characters of each one's name: what was sent is not to come back many times over. */
const FIELDS_MOST = 20;
const PATH_MOST = 100;

const CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
};

function plain(statusCode: number, code: ErrorCode, message: string, fields?: ApiError['error']['fields']): ErrorReply {
  return { statusCode, headers: {}, body: toBody(code, message, fields) };
}

function toBody(code: ErrorCode, message: string, fields?: ApiError['error']['fields']): ApiError {
  return { error: { code, message, ...(fields && { fields }) } };
}

/** Where and which rule: `body/userId`, `must be string`. Never the value. */
function toField(context: string, { instancePath, keyword, params, message = 'is wrong' }: ErrorObject): { path: string; message: string } {
  const path = `${context}${instancePath}`.slice(0, PATH_MOST);
  if (keyword === 'additionalProperties')
    return { path: `${path}/${params.additionalProperty}`.slice(0, PATH_MOST), message: 'is unknown' };
  if (keyword === 'required') return { path: `${path}/${params.missingProperty}`, message: 'is missing' };
  if (keyword === 'enum') return { path, message: `must be one of ${params.allowedValues.join(', ')}` };
  return { path, message };
}
