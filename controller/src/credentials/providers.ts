import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { Provider, type ProviderInfo } from '#contract/provider';
import { providers as builtIn } from '../../../guest/providers/index.ts';

/** The providers file is not what it should be; `message` names every wrong field. */
export class ProvidersInvalid extends Error {
  override readonly name = 'ProvidersInvalid';
}

/** Oriel's own providers and, from a JSON file with a list of them, the operator's. Throws ProvidersInvalid. */
export async function readProviders(path: string | undefined): Promise<readonly Provider[]> {
  if (path === undefined) return builtIn;
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new ProvidersInvalid(`ORIEL_PROVIDERS_FILE: ${cause.message}`, { cause });
  });
  const own = toProviders(text, path);
  const ids = [...own, ...builtIn].map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new ProvidersInvalid(`${path}: there is a provider ${twice} already: take another id`);
  return [...own, ...builtIn];
}

export function toInfo({ id, name, login, hosts }: Provider): ProviderInfo {
  return { id, name, hasLogin: login !== undefined, hosts };
}

function toProviders(text: string, path: string): Provider[] {
  const list = parse(text, path);
  if (!Array.isArray(list)) throw new ProvidersInvalid(`${path}: a list of providers is needed`);
  const ajv = new Ajv({ allErrors: true });
  const validate = ajv.compile<Provider>(Provider);
  const problems = list.flatMap((one: unknown, index) => {
    if (!validate(one)) return (validate.errors ?? []).map(({ instancePath, message }) => `/${index}${instancePath} ${message}`);
    return findProblems(one).map((problem) => `/${index}${problem}`);
  });
  if (problems.length > 0) throw new ProvidersInvalid(`${path}: ${problems.join('; ')}`);
  return list as Provider[];
}

/** Rules that a schema cannot say: patterns and schemas must be some. */
export function findProblems({ login, credentials }: Provider): string[] {
  const patterns = (['urlPattern', 'denied', 'expired'] as const).flatMap((name) =>
    isPattern(login?.[name] ?? '') ? [] : [`/login/${name} is no regular expression`],
  );
  const schemas = credentials.flatMap(({ schema }, index) => (isSchema(schema) ? [] : [`/credentials/${index}/schema is no JSON Schema`]));
  const unending =
    login && credentials.length === 0 ? ['/credentials must have one at least: nothing else tells that somebody has signed in'] : [];
  return [...patterns, ...schemas, ...unending];
}

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}

function isSchema(schema: object): boolean {
  try {
    return Boolean(new Ajv({ strict: false }).compile(schema));
  } catch {
    return false;
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProvidersInvalid(`${path}: it is no JSON`, { cause });
  }
}
