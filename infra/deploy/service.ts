import { createHash } from 'node:crypto';
import type { VersionedSecret } from '../settings/schemas.ts';
import type { Remote } from './remote.ts';
import { readSecret } from './secrets.ts';

/** Programs of Debian's that run on a host as units, and what they are told. Plain data; no value of a secret. */
export interface Service {
  /** Its folder on the host is /etc/oriel-NAME; what it has to keep is below /var/lib/oriel-NAME. */
  name: string;
  packages: readonly string[];
  /** May read the folder; nobody else but root may. A package brings it. */
  group: string;
  /** Texts by path below the folder. */
  files: Readonly<Record<string, string>>;
  secrets?: Readonly<Record<string, VersionedSecret>>;
  /** By absolute path: copies of files of the folder that everybody may read, such as drop-ins of units. */
  copies: Readonly<Record<string, string>>;
  units: readonly string[];
  /** Lines of shell, run in the folder: whether what it holds is right, and whether what has begun with it works. */
  check?: string;
  ready?: string;
}

/** Where a service keeps what outlives it. */
export const toDataDir = (name: string) => `/var/lib/oriel-${name}`;
export const toConfigDir = (name: string) => `/etc/oriel-${name}`;

/** Of everything but its secrets' values: their references and versions are in it. */
export function toServiceHash(service: Service): string {
  return createHash('sha256').update(JSON.stringify(service, sortKeys)).digest('hex');
}

/** Brings it to a host. Again with the same it changes nothing; what does not come up is put back. Gives what there is to say. */
export async function installService(service: Service, remote: Remote, env: NodeJS.ProcessEnv): Promise<string> {
  const secrets = await Promise.all(
    Object.entries(service.secrets ?? {}).map(async ([path, { from }]) => [path, await readSecret(path, from, env)] as const),
  );
  const files = { ...service.files, ...Object.fromEntries(secrets) };
  // Over standard input: nobody's list of processes has them.
  const input = Object.entries(files).map(([path, text]) => `${path} ${Buffer.from(text).toString('base64')}\n`);
  return remote.run(planInstall(service), input.join(''));
}

/** The script that does so; it reads lines `PATH BASE64`. `root`: another place than `/`, for tests. */
export function planInstall({ name, packages, group, copies, units, check = 'true', ready = 'true' }: Service, root = ''): string {
  const [dir, data] = [`${root}${toConfigDir(name)}`, `${root}${toDataDir(name)}`];
  const all = units.join(' ');
  return `# ${name}: install
set -eu
umask 027
rm -rf ${dir}.new; mkdir -p ${dir}.new
while read -r path text; do mkdir -p "$(dirname "${dir}.new/$path")"; printf %s "$text" | base64 -d >"${dir}.new/$path"; done
missing=
for package in ${packages.join(' ')}; do test "$(dpkg-query -W -f '\${db:Status-Status}' $package 2>/dev/null)" = installed || missing="$missing $package"; done
if [ -z "$missing" ] && diff -r ${dir} ${dir}.new >/dev/null 2>&1 && systemctl is-active --quiet ${all}; then
  rm -rf ${dir}.new; echo '${name} runs already'; exit 0
fi
if [ -n "$missing" ]; then
  command -v apt-get >/dev/null || { echo "install these with this system's package manager:$missing" >&2; exit 1; }
  export DEBIAN_FRONTEND=noninteractive
  (umask 022; mkdir -p ${data})
  dpkg-query -W -f '\${Package}\\n' | sort >${data}/packages.before
  # Not with what the package brings: a web server's first page, say.
  systemctl --quiet mask --runtime ${all} 2>/dev/null
  apt-get -qq update && apt-get -qq install --yes --no-install-recommends $missing >/dev/null || { systemctl --quiet unmask --runtime ${all}; exit 1; }
  systemctl --quiet unmask --runtime ${all}
  dpkg-query -W -f '\${Package}\\n' | sort | comm -13 ${data}/packages.before - >>${data}/packages; sort -u -o ${data}/packages ${data}/packages
  rm ${data}/packages.before
fi
chgrp -R ${group} ${dir}.new; chmod -R u=rwX,g=rX,o= ${dir}.new
rm -rf ${dir}.old; test ! -d ${dir} || mv ${dir} ${dir}.old
mv ${dir}.new ${dir}
begin() { ${toCopying(copies, dir, root)} && systemctl daemon-reload && systemctl --quiet enable ${all} && systemctl restart ${all} && { ${ready}
  } && systemctl is-active --quiet ${all}; }
if (cd ${dir} && ${check}) && begin; then rm -rf ${dir}.old; echo '${name} runs'; exit 0; fi
journalctl ${units.map((unit) => `--unit=${unit}`).join(' ')} --lines=20 --no-pager --output=cat >&2 || true
rm -rf ${dir}
if [ -d ${dir}.old ]; then mv ${dir}.old ${dir}; begin && echo '${name}: taken back, as it was before it runs again' >&2
else systemctl --quiet disable --now ${all}; rm -f ${toWords(Object.keys(copies), root)}; systemctl daemon-reload; echo '${name}: taken back, nothing was there before' >&2; fi
exit 1
`;
}

/** What a removal has to know: so little that a plan can hold it. */
export type Removal = Pick<Service, 'name' | 'units' | 'packages'> & { copies: readonly string[] };

/** The script that takes it away again, with the packages that came with it and that nobody else needs. */
export function planRemove({ name, packages, units, copies }: Removal, root = ''): string {
  const [dir, data] = [`${root}${toConfigDir(name)}`, `${root}${toDataDir(name)}`];
  return `# ${name}: remove
set -eu
for unit in ${units.join(' ')}; do systemctl --quiet disable --now $unit 2>/dev/null || true; done
rm -rf ${dir} ${dir}.new ${dir}.old; rm -f ${toWords(copies, root)}
systemctl daemon-reload
if [ -s ${data}/packages ]; then
  export DEBIAN_FRONTEND=noninteractive
  # What somebody has asked for meanwhile is his.
  printf '%s\\n' ${packages.join(' ')} | sort >${data}/own
  apt-mark showmanual | sort | comm -23 - ${data}/own | comm -13 - ${data}/packages >${data}/gone
  needed() { apt-get --simulate purge $(cat ${data}/gone) | sed -n 's/^\\(Purg\\|Remv\\) \\([^ ]*\\) .*/\\2/p' | sort | comm -23 - ${data}/gone; }
  # Others have come to need a part of it: then only what nobody needs.
  if [ -n "$(needed)" ]; then
    apt-get -qq purge --yes $(comm -12 ${data}/own ${data}/packages) >/dev/null
    apt-get --simulate autoremove | sed -n 's/^Remv \\([^ ]*\\) .*/\\1/p' | sort | comm -12 - ${data}/gone >${data}/own
    mv ${data}/own ${data}/gone
  fi
  test ! -s ${data}/gone || apt-get -qq purge --yes $(cat ${data}/gone) >/dev/null
fi
rm -f ${data}/packages ${data}/packages.before ${data}/own ${data}/gone
rmdir ${data} 2>/dev/null || true
test ! -d ${data} || echo '${name}: data is left: ${data}'
echo '${name} is gone'
`;
}

function toCopying(copies: Service['copies'], dir: string, root: string): string {
  const lines = Object.entries(copies).map(([path, file]) => `(umask 022; install -D -m 644 '${dir}/${file}' '${root}${path}')`);
  return lines.join(' && ') || 'true';
}

function toWords(paths: readonly string[], root: string): string {
  return paths.map((path) => `'${root}${path}'`).join(' ');
}

/** JSON of the same content is the same text. */
function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
