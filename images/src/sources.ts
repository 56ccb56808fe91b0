import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NoDebianMirror } from './errors.ts';

/** Base URLs, without a slash at the end. `snapshot` serves files by SHA-1 as `<snapshot>/file/<sha1>`. */
export interface Mirrors {
  main: string;
  security: string;
  snapshot?: string;
}

/** One source of packages as apt's files describe it. */
export interface Source {
  uri: string;
  suites: string[];
}

/** The mirrors: from the environment, else from the host's own apt sources. Throws NoDebianMirror. */
export async function findMirrors(env: NodeJS.ProcessEnv, aptDir = '/etc/apt'): Promise<Mirrors> {
  const sources = env.ORIEL_DEBIAN_MIRROR && env.ORIEL_DEBIAN_SECURITY_MIRROR ? [] : await readSources(aptDir);
  return toMirrors(env, sources);
}

export function toMirrors(env: NodeJS.ProcessEnv, sources: readonly Source[]): Mirrors {
  const debian = sources.filter(isDebian);
  const isSecurity = (source: Source) => source.suites.some((suite) => /-security\/?$|\/updates\/?$/.test(suite));
  const main = env.ORIEL_DEBIAN_MIRROR || debian.find((source) => !isSecurity(source))?.uri;
  const security = env.ORIEL_DEBIAN_SECURITY_MIRROR || debian.find(isSecurity)?.uri;
  if (!main) throw noMirror('ORIEL_DEBIAN_MIRROR', 'https://<mirror>/debian');
  if (!security) throw noMirror('ORIEL_DEBIAN_SECURITY_MIRROR', 'https://<mirror>/debian-security');
  const snapshot = env.ORIEL_DEBIAN_SNAPSHOT;
  return { main: trim(main), security: trim(security), ...(snapshot && { snapshot: trim(snapshot) }) };
}

/** Sources of a one-line file: `deb [options] uri suite components…`. */
export function parseOneLine(text: string): Source[] {
  return text.split('\n').flatMap((line) => {
    const words = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line.replace(/#.*/, ''));
    return words ? [{ uri: words[1]!, suites: [words[2]!] }] : [];
  });
}

/** Sources of a deb822 file (`.sources`). */
export function parseDeb822(text: string): Source[] {
  return parseStanzas(text.replace(/^#.*\n?/gm, '')).flatMap((stanza) => {
    if (stanza.Enabled?.toLowerCase() === 'no' || !words(stanza.Types).includes('deb')) return [];
    return words(stanza.URIs).map((uri) => ({ uri, suites: words(stanza.Suites) }));
  });
}

/** Paragraphs of `Field: value` lines, continued by a leading blank. The shape of most of Debian's files. */
export function parseStanzas(text: string): Record<string, string>[] {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) =>
      Object.fromEntries([...paragraph.matchAll(/^([^\s:]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)].map((field) => [field[1]!, field[2]!])),
    )
    .filter((stanza) => Object.keys(stanza).length > 0);
}

async function readSources(aptDir: string): Promise<Source[]> {
  const parts = await readdir(join(aptDir, 'sources.list.d')).catch(() => []);
  const files = ['sources.list', ...parts.sort().map((name) => join('sources.list.d', name))];
  const sources = await Promise.all(
    files.map(async (name) => {
      const text = await readFile(join(aptDir, name), 'utf8').catch(() => '');
      return name.endsWith('.sources') ? parseDeb822(text) : name.endsWith('.list') ? parseOneLine(text) : [];
    }),
  );
  return sources.flat();
}

/** Debian's own archive is laid out as …/debian and …/debian-security on every mirror; other archives are not asked. */
function isDebian({ uri }: Source): boolean {
  return /^https?:\/\/.*\/debian(-security)?\/?$/.test(uri);
}

function noMirror(variable: string, example: string): NoDebianMirror {
  return new NoDebianMirror(`No Debian mirror: this host's apt sources name none. Set ${variable}, e.g. ${variable}=${example}`);
}

function words(field = ''): string[] {
  return field.split(/\s+/).filter(Boolean);
}

function trim(uri: string): string {
  return uri.replace(/\/+$/, '');
}
