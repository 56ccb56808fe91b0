import { Ajv, type Options } from 'ajv';

/**
 * Checks by our own schemas, all errors told together. Whether these are schemas themselves is not asked each time (a test compiles
 * all): that takes longer than to compile them.
 */
export function createAjv(options: Options = {}): Ajv {
  return new Ajv({ allErrors: true, meta: false, validateSchema: false, ...options });
}
