import type { ErrorObject } from 'ajv';
import { nearest } from '../../controller/src/nearest.ts';

interface Known {
  properties?: Record<string, unknown>;
  patternProperties?: object;
}

/** One sentence a mistake, which begins with its place; of a union's branches only that none fits. `root`: what has no place. */
export function toSentences(errors: readonly ErrorObject[], root = 'settings'): string[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath);
  return errors
    .filter(({ keyword, instancePath }) => keyword === 'anyOf' || !unions.some((path) => isWithin(instancePath, path)))
    .map((error) => {
      const where = error.instancePath.slice(1).replaceAll('/', '.') || root;
      return `${where}: ${toReason(error)}`;
    });
}

const isWithin = (path: string, other: string) => path === other || path.startsWith(`${other}/`);

function toReason({ keyword, message, params, parentSchema }: ErrorObject): string {
  if (keyword === 'additionalProperties') return toUnknown(String(params.additionalProperty), parentSchema as Known);
  if (keyword === 'anyOf') return `it must be ${toChoices((parentSchema as { anyOf?: Known[] }).anyOf ?? [])}`;
  if (keyword === 'enum') return `it must be ${(params.allowedValues as unknown[]).join(' or ')}`;
  return message ?? keyword;
}

function toUnknown(name: string, { properties = {}, patternProperties = {} }: Known): string {
  const [known, pattern] = [Object.keys(properties), Object.keys(patternProperties)[0]];
  if (pattern) return `${name} is no name like ${pattern}`;
  return `there is no ${name}${known.length > 0 ? `; did you mean ${nearest(name, known)}?` : ''}`;
}

/** Of a union's branches: objects by their fields, other values by their type. */
function toChoices(branches: readonly (Known & { type?: string })[]): string {
  const objects = branches.filter(({ properties }) => properties);
  if (objects.length === branches.length)
    return `exactly one of ${objects.map(({ properties }) => `{${Object.keys(properties!).join(', ')}}`).join(', ')}`;
  return 'text, a number, true or false';
}
