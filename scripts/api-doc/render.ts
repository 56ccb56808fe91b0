import type { Description, Operation, Schema } from './description.ts';
import { toLink, toTypeWords } from './type-words.ts';

/** Groups of calls as the routes have them, in the order in which one meets them. */
const GROUPS = {
  sessions: 'Sessions: starting, seeing, ending',
  viewers: 'Viewers: who may look',
  webrtc: 'WebRTC signalling: the picture’s way',
  vnc: 'noVNC: where UDP is shut',
  operate: 'Operating a host',
};

/** The whole reference, as Markdown. Throws for a group that it does not know. */
export function renderApi(description: Description, head: string): string {
  const { paths, components, webhooks } = description;
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );
  const unknown = calls.find(({ operation }) => !Object.hasOwn(GROUPS, operation.tags?.[0] ?? ''));
  if (unknown) throw new Error(`${unknown.name} is of no group: ${Object.keys(GROUPS).join(', ')}`);
  const groups = Object.entries(GROUPS).flatMap(([tag, title]) => [
    `## ${title}`,
    ...calls.filter(({ operation }) => operation.tags![0] === tag).map(({ name, operation }) => renderCall(`\`${name}\``, operation)),
  ]);
  const hooks = Object.values(webhooks).map(({ post }) => renderCall('`POST` to each URL in `ORIEL_WEBHOOK_URL`', post));
  const schemas = Object.entries(components.schemas).map(([name, schema]) => renderSchema(name, schema));
  return `${[head.trimEnd(), ...groups, '## Webhooks', ...hooks, '## What the words mean', ...schemas, renderCodes(components.schemas)].join('\n\n')}\n`;
}

function renderCall(title: string, { summary, description, security, parameters = [], requestBody, responses }: Operation): string {
  const body = requestBody && Object.values(requestBody.content)[0]?.schema;
  const rows = parameters
    .filter(({ in: where, description, schema }) => where !== 'path' || description || schema.enum)
    .map((one) => [`\`${one.name}\``, `${one.in}${one.required ? ', needed' : ''}`, toTypeWords(one.schema), one.description ?? '']);
  return join(
    `### ${title}`,
    `${summary ?? ''}.`,
    description?.trim(),
    security ? `For ${toWho(security)}.` : undefined,
    table(['parameter', 'where', 'is', ''], rows),
    body && renderValue('Body', body),
    ...Object.entries(responses).map(([status, reply]) => renderReply(status, reply)),
  );
}

function renderReply(status: string, { content = {}, description }: Operation['responses'][string]): string | undefined {
  // Refusals have one shape, which is told once.
  if (/^[45]XX$/.test(status)) return undefined;
  const [type, { schema } = {}] = Object.entries(content)[0] ?? [];
  if (!schema)
    return `Answer ${status}: ${description && description !== 'Default Response' ? description.toLowerCase().replace(/\.$/, '') : 'nothing more'}.`;
  return type === 'application/json' ? renderValue(`Answer ${status}`, schema) : `Answer ${status}: \`${type}\`.`;
}

/** A schema with a name is told under that. */
function renderValue(what: string, schema: Schema): string {
  return schema.properties ? join(`${what}:`, renderFields(schema))! : `${what}: ${toTypeWords(schema)}.`;
}

function renderSchema(name: string, schema: Schema): string {
  const words = schema.description && `${schema.description}`;
  return join(`### ${name}`, words, schema.properties ? renderFields(schema) : `It is ${toTypeWords(schema)}.`);
}

function renderFields(schema: Schema): string | undefined {
  return table(['field', 'is', ''], listFields(schema, ''));
}

/** Fields of fields have their way before their name. */
function listFields({ properties = {}, required = [] }: Schema, way: string): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const inner = schema.items?.properties ? { ...schema.items, way: `${way}${name}[].` } : { ...schema, way: `${way}${name}.` };
    const words = schema.properties ? 'object' : schema.items?.properties ? 'list of objects' : toTypeWords(schema);
    const row = [`\`${way}${name}\`${required.includes(name) ? '' : ' (may be missing)'}`, words, schema.description ?? ''];
    return [row, ...(inner.properties ? listFields(inner, inner.way) : [])];
  });
}

/** All words that say what went wrong, or why something ended. */
function renderCodes({ ApiError, Reason }: Record<string, Schema>): string {
  const list = (schema: Schema | undefined) => (schema?.enum ?? []).map((code) => `\`${String(code)}\``).join(', ');
  return join(
    '### Codes',
    `Of a refusal (${toLink('ApiError')}, \`error.code\`): ${list(ApiError?.properties?.error?.properties?.code)}.`,
    `Of a session’s end (${toLink('Reason')}, \`code\`): ${list(Reason?.properties?.code)}.`,
  );
}

function toWho(security: readonly Record<string, string[]>[]): string {
  const words = security.flatMap((one) =>
    Object.entries(one).map(([scheme, names]) =>
      scheme === 'key' ? `an API key with \`${names.join(', ')}\`` : `a viewer of the session who may \`${names.join(', ')}\``,
    ),
  );
  return words.length === 0 ? 'everybody' : words.join(', or ');
}

function table(head: string[], rows: readonly string[][]): string | undefined {
  if (rows.length === 0) return undefined;
  const used = head.map((_, column) => column < head.length - 1 || rows.some((row) => row[column]));
  const toLine = (row: readonly string[]) => `| ${row.filter((_, column) => used[column]).join(' | ')} |`;
  return [
    toLine(head),
    `|${used
      .filter(Boolean)
      .map(() => '---|')
      .join('')}`,
    ...rows.map(toLine),
  ].join('\n');
}

function join(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part).join('\n\n');
}
