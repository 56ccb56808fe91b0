/** As long as no word of a language is, but each code, token and key. */
const SECRET = /[A-Za-z0-9_\-.~+/=%#]{20,}/g;
const QUERY = /([?#])\S+/g;

/** A line of a tool that signs in, without what may be a secret: addresses lose what follows their path. */
export function redact(line: string): string {
  return line
    .slice(0, 500)
    .split(' ')
    .map((word) => (/^https?:\/\//.test(word) ? word.replace(QUERY, '$1…') : word.replace(SECRET, '…')))
    .join(' ');
}
