import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildError } from './errors.ts';
import { CLEAN_ENV, run } from './run.ts';
import type { Mirrors } from './sources.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'no_proxy'];

/** apt over its own state and sources, none of the host's. */
export interface IsolatedApt {
  get(...args: string[]): Promise<string>;
  cache(...args: string[]): Promise<string>;
  /** Newest date of the suites' signed release files, s since 1970. */
  releaseEpoch(): Promise<number>;
}

export function toSuites(suite: string): string[] {
  return [suite, `${suite}-updates`, `${suite}-security`];
}

export function mirrorOf(mirrors: Mirrors, suite: string): string {
  return suite.endsWith('-security') ? mirrors.security : mirrors.main;
}

/** Fetches the package lists of a suite, its updates and its security into `dir`; Debian's signatures are checked. */
export async function openApt(dir: string, mirrors: Mirrors, suite: string, architecture: string): Promise<IsolatedApt> {
  await access(KEYRING).catch(() => {
    throw new BuildError(`${KEYRING} is missing: install the package debian-archive-keyring`);
  });
  await Promise.all(
    ['lists/partial', 'cache/archives/partial', 'etc/apt.conf.d', 'etc/preferences.d'].map((sub) =>
      mkdir(join(dir, sub), { recursive: true }),
    ),
  );
  await writeFile(join(dir, 'apt.conf'), toAptConf(dir, architecture));
  await writeFile(join(dir, 'etc/sources.list'), toSourceList(mirrors, suite));
  const env = { ...CLEAN_ENV, ...pick(process.env, PROXY_VARIABLES), APT_CONFIG: join(dir, 'apt.conf') };
  await run(['apt-get', '-qq', '--error-on=any', 'update'], { env }).catch((error: Error) => {
    throw explain(error, suite);
  });
  return {
    get: (...args) => run(['apt-get', ...args], { env }),
    cache: (...args) => run(['apt-cache', ...args], { env }),
    releaseEpoch: () => readReleaseEpoch(join(dir, 'lists')),
  };
}

export function toAptConf(dir: string, architecture: string): string {
  return [
    `Dir "${dir}";`,
    `Dir::State "${dir}";`,
    `Dir::State::lists "${dir}/lists";`,
    'Dir::State::status "/dev/null";',
    `Dir::Cache "${dir}/cache";`,
    `Dir::Etc "${dir}/etc";`,
    `Dir::Etc::sourcelist "${dir}/etc/sources.list";`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::trusted "/dev/null";',
    'Dir::Etc::trustedparts "/dev/null";',
    'Dir::Bin::methods "/usr/lib/apt/methods";',
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    'APT::Install-Recommends "false";',
    // The state's folder is root's alone.
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    '',
  ].join('\n');
}

export function toSourceList(mirrors: Mirrors, suite: string): string {
  return toSuites(suite)
    .map((name) => `deb [signed-by=${KEYRING}] ${mirrorOf(mirrors, name)} ${name} main\n`)
    .join('');
}

function explain(error: Error, suite: string): Error {
  if (/NO_PUBKEY|not signed|couldn't be verified/.test(error.message)) {
    return new BuildError(`${KEYRING} does not know the keys of ${suite}: install a newer debian-archive-keyring`, { cause: error });
  }
  if (/expired|not valid yet|Valid-Until/i.test(error.message)) {
    return new BuildError(`The mirror's release files are out of date, or this host's clock is wrong:\n${error.message}`, { cause: error });
  }
  return new BuildError(`The Debian mirror could not be read (ORIEL_DEBIAN_MIRROR names another):\n${error.message}`, { cause: error });
}

async function readReleaseEpoch(lists: string): Promise<number> {
  const names = (await readdir(lists)).filter((name) => name.endsWith('_InRelease'));
  const dates = await Promise.all(names.map(async (name) => /^Date: (.*)$/m.exec(await readFile(join(lists, name), 'utf8'))?.[1]));
  return Math.max(...dates.map((date) => Date.parse(date ?? '') / 1000));
}

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}
