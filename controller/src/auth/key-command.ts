import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { AuditTable } from '../store/audit.ts';
import type { KeyRecord, KeyTable } from '../store/keys.ts';
import { isScope, SCOPES } from './access.ts';
import { toHash } from './hash.ts';
import { newApiKey } from './new-key.ts';

export const KEY_USAGE = `usage: key create NAME [--owner OWNER] [--scopes start,read,control] [--expires 90d|never]
       key list [--all]
       key rotate NAME [--grace 24h]     a new secret; the old one is good for a while yet
       key revoke NAME|ID                at once, also where the controller runs; a name means all that have it
scopes: ${SCOPES.join(', ')}. A session belongs to the owner of the key that started it (NAME unless told), and is seen by its keys alone
`;

/** What was asked for cannot be done; the message says what can. */
export class KeyCommandInvalid extends Error {
  override readonly name = 'KeyCommandInvalid';
}

export interface KeyStore {
  keys: KeyTable;
  audit: Pick<AuditTable, 'append'>;
}

/** A secret is shown once and alone, so that a program can take it; what there is to say about it is said beside it. */
export interface KeyReply {
  out: string;
  note: string;
}

const OPTIONS = {
  owner: { type: 'string' },
  scopes: { type: 'string', default: 'start,read,control' },
  expires: { type: 'string', default: '90d' },
  grace: { type: 'string', default: '24h' },
  all: { type: 'boolean', default: false },
} as const;
type Values = ReturnType<typeof parse>['values'];

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** `who`: for the audit. Throws KeyCommandInvalid. */
export function runKeyCommand(args: string[], store: KeyStore, who: string, now = Date.now()): KeyReply {
  const { values, positionals } = parse(args);
  const [verb = '', name] = positionals;
  if (positionals.length !== (verb === 'list' ? 1 : 2) || !Object.hasOwn(VERBS, verb)) throw new KeyCommandInvalid(KEY_USAGE.trimEnd());
  return VERBS[verb]!({ ...store, who, now, values, name: name ?? '' });
}

interface Asked extends KeyStore {
  who: string;
  now: number;
  values: Values;
  name: string;
}

const VERBS: Record<string, (asked: Asked) => KeyReply> = { create, list, rotate, revoke };

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw new KeyCommandInvalid(`${(cause as Error).message}\n${KEY_USAGE.trimEnd()}`, { cause });
  }
}

function create(asked: Asked): KeyReply {
  const { name, values, now } = asked;
  const owner = values.owner ?? name;
  for (const word of [name, owner])
    if (!NAME.test(word)) throw new KeyCommandInvalid(`${JSON.stringify(word)} is no name: a to z, 0 to 9 and . _ -, 63 at most`);
  if (findGood(asked).length > 0) throw new KeyCommandInvalid(`there is a key ${name}: rotate or revoke it, or choose another name`);
  const expiresAt = values.expires === 'never' ? undefined : toDate(now + toMs('--expires', values.expires));
  return make(asked, { owner, scopes: toScopes(values.scopes), expiresAt }, 'key created');
}

function rotate(asked: Asked): KeyReply {
  const { keys, name, values, now } = asked;
  const old = findGood(asked);
  const newest = old.at(-1);
  if (!newest) throw noSuchKey(name);
  const until = toDate(now + toMs('--grace', values.grace));
  const lived = newest.expiresAt && Date.parse(newest.expiresAt) - Date.parse(newest.createdAt);
  const made = make(asked, { ...newest, expiresAt: lived ? toDate(now + lived) : undefined }, 'key rotated');
  for (const { id } of old) keys.expire(id, until);
  return { ...made, note: `${made.note}the old one is good until ${until}\n` };
}

function make({ keys, audit, who, now, name }: Asked, key: Pick<KeyRecord, 'owner' | 'scopes' | 'expiresAt'>, action: string): KeyReply {
  const [id, secret, { owner, scopes, expiresAt }] = [`k-${randomBytes(5).toString('hex')}`, newApiKey(), key];
  keys.insert({ id, name, owner, scopes, expiresAt, hash: toHash(secret) }, toDate(now));
  audit.append({ who, action, detail: `${id} ${name} owner=${owner} scopes=${scopes.join(',')} expires=${expiresAt ?? 'never'}` });
  const words = `${id} ${name}: owner ${owner}, scopes ${scopes.join(', ')}, ${expiresAt ? `expires ${expiresAt}` : 'never expires'}`;
  return { out: `${secret}\n`, note: `${words}\nit is shown this once: only its hash is kept\n` };
}

function revoke(asked: Asked): KeyReply {
  const { keys, audit, who, now, name } = asked;
  const found = findGood(asked);
  if (found.length === 0) throw noSuchKey(name);
  keys.revoke(
    found.map(({ id }) => id),
    toDate(now),
  );
  for (const { id, name: its } of found) audit.append({ who, action: 'key revoked', detail: `${id} ${its}` });
  return { out: '', note: found.map(({ id, name: its }) => `revoked: ${id} ${its}\n`).join('') };
}

function list({ keys, values, now }: Asked): KeyReply {
  const shown = keys.list().filter((key) => values.all || isGood(key, now));
  const rows = shown.map((key) => [
    ...[key.id, key.name, key.owner, key.scopes.join(','), toDay(key.createdAt)],
    ...[key.revokedAt ? `revoked ${toDay(key.revokedAt)}` : (key.expiresAt ?? 'never'), key.usedAt ?? 'never'],
  ]);
  return { out: toTable([['ID', 'NAME', 'OWNER', 'SCOPES', 'CREATED', 'EXPIRES', 'LAST USED'], ...rows]), note: '' };
}

/** Good ones of this name or id, the oldest first. */
function findGood({ keys, name, now }: Asked): KeyRecord[] {
  return keys.list().filter((key) => isGood(key, now) && (key.name === name || key.id === name));
}

function isGood({ revokedAt, expiresAt }: KeyRecord, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || Date.parse(expiresAt) > now);
}

function noSuchKey(name: string): KeyCommandInvalid {
  return new KeyCommandInvalid(`there is no key ${JSON.stringify(name)} that is good: \`key list\` has those that are`);
}

function toScopes(words: string): string[] {
  const scopes = [...new Set(words.split(',').map((word) => word.trim()))];
  const wrong = scopes.filter((word) => !isScope(word));
  if (wrong.length > 0)
    throw new KeyCommandInvalid(`--scopes: ${wrong.map((word) => JSON.stringify(word)).join(', ')}: there are ${SCOPES.join(', ')}`);
  return scopes;
}

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 3_650 * 86_400_000;

function toMs(option: string, text: string): number {
  const [, count, unit] = /^(\d{1,7})([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit ?? ''] ?? NaN);
  if (!(ms >= 0 && ms <= LONGEST_MS))
    throw new KeyCommandInvalid(`${option}: ${JSON.stringify(text)} is not like 30m, 24h or 90d; ten years at most`);
  return ms;
}

function toDate(ms: number): string {
  return new Date(ms).toISOString();
}

function toDay(date: string): string {
  return date.slice(0, 10);
}

function toTable(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
