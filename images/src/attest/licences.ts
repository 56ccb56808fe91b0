import { runInside } from '../enter-root.ts';

/** SPDX's names of the licences that Debian's copyright files name most, by Debian's name in lower case. */
export const SPDX_NAMES: Readonly<Record<string, string>> = {
  ...toVersions('GPL', ['1', '2', '3']),
  ...toVersions('LGPL', ['2', '2.1', '3']),
  ...Object.fromEntries(
    ['0BSD', 'AFL-2.1', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BSD-4-Clause', 'BSD-4-Clause-UC', 'BSL-1.0', 'CC-BY-SA-4.0']
      .concat(['CC0-1.0', 'curl', 'FSFAP', 'FSFUL', 'FSFULLR', 'ICU', 'ISC', 'MIT', 'MPL-1.1', 'MPL-2.0', 'NTP', 'OFL-1.1', 'X11', 'Zlib'])
      .map((name) => [name.toLowerCase(), name]),
  ),
  'apache-2': 'Apache-2.0',
  beerware: 'Beerware',
  expat: 'MIT',
};

/** Licences of the packages in a root whose copyright files are in Debian's machine-readable form and name known licences alone. */
export async function readLicences(rootfs: string, cache: string): Promise<Record<string, string>> {
  const script = "grep -E -a -H '^(Format|License):' /usr/share/doc/*/copyright || true";
  return parseLicences(await runInside(cache, rootfs, ['sh', '-c', script]));
}

/** Lines `path:Field: value` → SPDX expression by package. A package that cannot be told surely is left out. */
export function parseLicences(text: string): Record<string, string> {
  const files = new Map<string, { format: string; licences: string[] }>();
  for (const [, name, field, value] of text.matchAll(/^\/usr\/share\/doc\/([^/]+)\/copyright:(Format|License):[ \t]*(.*?)[ \t]*$/gm)) {
    const file = files.get(name!) ?? { format: '', licences: [] };
    files.set(name!, field === 'Format' ? { ...file, format: value! } : { ...file, licences: [...file.licences, value!] });
  }
  const found = [...files].map(
    ([name, { format, licences }]) => [name, format.includes('copyright-format') ? toExpression(licences) : ''] as const,
  );
  return Object.fromEntries(found.filter(([, expression]) => expression).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** All of the licences together; empty when one is not known. */
function toExpression(licences: readonly string[]): string {
  const terms = licences.map(toTerms);
  return terms.includes(undefined) ? '' : [...new Set(terms.flat())].sort().join(' AND ');
}

/** `A`, `A and B`, `A or B`. A mix needs Debian's own rules of order and is not told. */
function toTerms(licence: string): string[] | undefined {
  const [or, and] = [licence.split(' or '), licence.split(' and ')];
  if (or.length > 1 && and.length > 1) return undefined;
  const names = (or.length > 1 ? or : and).map((name) => SPDX_NAMES[name.trim().toLowerCase()] ?? '');
  if (names.includes('')) return undefined;
  return or.length > 1 ? [`(${names.join(' OR ')})`] : names;
}

function toVersions(family: string, versions: readonly string[]): Record<string, string> {
  const pairs = versions.flatMap((version) => {
    const full = `${family}-${version.includes('.') ? version : `${version}.0`}`;
    const names = version.includes('.') ? [version] : [version, `${version}.0`];
    return names.flatMap((name) => [
      [`${family}-${name}`.toLowerCase(), `${full}-only`],
      [`${family}-${name}+`.toLowerCase(), `${full}-or-later`],
    ]);
  });
  return Object.fromEntries(pairs);
}
