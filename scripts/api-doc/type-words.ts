import type { Schema } from './description.ts';

/** More words than one reads in a cell of a table. */
const MANY = 12;

/** What a value may be, in a few words of Markdown. */
export function toTypeWords(schema: Schema): string {
  const { $ref, type, anyOf, items, properties, additionalProperties } = schema;
  if ($ref) return toLink($ref.split('/').at(-1)!);
  if (schema.enum) return toChoice(schema.enum);
  if (anyOf) return anyOf.map(toTypeWords).join(' or ');
  if (type === 'array') return `list of ${items ? toTypeWords(items) : 'anything'}${toRange(schema.minItems, schema.maxItems, 'items')}`;
  if (type === 'object' && !properties && typeof additionalProperties === 'object')
    return `object of ${toTypeWords(additionalProperties)} by name`;
  if (type === 'string') return `text${toText(schema)}`;
  if (type === 'integer' || type === 'number') return `${type}${toRange(schema.minimum, schema.maximum)}`;
  return type ?? 'anything';
}

export function toLink(name: string): string {
  return `[${name}](#${name.toLowerCase()})`;
}

function toChoice(values: readonly unknown[]): string {
  if (values.length > MANY) return `one of ${values.length} words, see ${toLink('Codes')}`;
  return values.map((value) => `\`${String(value)}\``).join(', ');
}

function toText({ pattern, minLength, maxLength }: Schema): string {
  // A long pattern explains nothing: what it refuses is said in the answer.
  if (pattern && pattern.length <= 40) return ` like \`${pattern.replaceAll('|', '\\|')}\``;
  return toRange(minLength, maxLength, 'characters');
}

function toRange(from?: number, to?: number, of = ''): string {
  const unit = of && ` ${of}`;
  if (from !== undefined && to !== undefined) return `, ${from} to ${to}${unit}`;
  if (to !== undefined) return `, ${to}${unit} at most`;
  return from === undefined || (from <= 1 && of) ? '' : `, ${from}${unit} or more`;
}
