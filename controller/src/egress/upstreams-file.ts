import { open } from 'node:fs/promises';
import { Ajv, type ErrorObject } from 'ajv';
import { Type, type Static } from '#contract/schema';
import { Upstream } from './control-protocol.ts';
import { toHost } from './host-name.ts';

const NamedUpstream = Type.Object(
  {
    /** In logs, metrics and records, and by which a lease finds it again. */
    name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' }),
    ...Upstream.properties,
  },
  { additionalProperties: false },
);
export type NamedUpstream = Static<typeof NamedUpstream>;

/** `{ "upstreams": [{ "name", "protocol": "http" | "https" | "socks5", "host", "port", "username"?, "password"? }] }` */
const UpstreamsFile = Type.Object({ upstreams: Type.Array(NamedUpstream, { maxItems: 10_000 }) }, { additionalProperties: false });

const isUpstreamsFile = new Ajv({ allErrors: true }).compile<Static<typeof UpstreamsFile>>(UpstreamsFile);

/** Says all that is wrong and where, and nothing that stands there. */
export class UpstreamsInvalid extends Error {
  override readonly name = 'UpstreamsInvalid';
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`ORIEL_EGRESS_UPSTREAMS_FILE is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Throws UpstreamsInvalid, also for a file that others can read: there are passwords in it. */
export async function readUpstreams(path: string): Promise<NamedUpstream[]> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new UpstreamsInvalid([`${path} cannot be read (${error.code})`]);
  });
  try {
    const { mode } = await file.stat();
    if ((mode & 0o007) !== 0) throw new UpstreamsInvalid([`${path} can be read by everybody: chmod 600 ${path}`]);
    return parseUpstreams(await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

/** Throws UpstreamsInvalid. */
export function parseUpstreams(text: string): NamedUpstream[] {
  const content = parse(text);
  const problems = isUpstreamsFile(content) ? findProblems(content.upstreams) : (isUpstreamsFile.errors ?? []).map(toSentence);
  if (problems.length > 0) throw new UpstreamsInvalid(problems);
  return (content as Static<typeof UpstreamsFile>).upstreams;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Its message shows a piece of the text.
    const where = /\(line \d+ column \d+\)/.exec((error as Error).message)?.[0];
    throw new UpstreamsInvalid([`it is no JSON${where ? ` ${where}` : ''}`]);
  }
}

/** Rules that a schema cannot say. One proxy under two names would be two users' at once. */
function findProblems(upstreams: readonly NamedUpstream[]): string[] {
  const seen = new Map<string, number>();
  return upstreams.flatMap(({ name, protocol, host, port, username, password }, index) => {
    const at = `/upstreams/${index}`;
    const problems: string[] = [];
    for (const key of [`name ${name}`, `proxy ${protocol} ${toHost(host)} ${port} ${username}`]) {
      const other = seen.get(key);
      if (other !== undefined) problems.push(`${at} has the ${key.split(' ')[0]} of /upstreams/${other}`);
      seen.set(key, other ?? index);
    }
    if (toHost(host) === undefined) problems.push(`${at}/host is no host name and no address`);
    if (password !== undefined && username === undefined) problems.push(`${at}/username is missing: there is a password`);
    if (username?.includes(':') && protocol !== 'socks5') problems.push(`${at}/username has a colon, which HTTP cannot say`);
    return problems;
  });
}

function toSentence({ instancePath, keyword, params, message }: ErrorObject): string {
  if (keyword === 'additionalProperties') return `${instancePath}/${params.additionalProperty} is unknown`;
  if (keyword === 'required') return `${instancePath}/${params.missingProperty} is missing`;
  if (keyword === 'enum') return `${instancePath} must be one of ${params.allowedValues.join(', ')}`;
  return `${instancePath || '/'} ${message}`;
}
