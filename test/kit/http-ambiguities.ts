/** A request with more in it than its reader may see. */
export interface Ambiguity {
  what: string;
  headers: string[];
  /** Comes before the bytes that are a request of their own for whoever reads the other way. */
  before: string;
}

/**
 * Requests whose end is in two places, depending on who reads (RFC 9112, 6.3, 11.2). `hidden` is the number of bytes of the request that
 * follows in the body of this one, or after it.
 */
export function toAmbiguities(hidden: number): Ambiguity[] {
  const end = '0\r\n\r\n';
  const rows: [string, string[], string][] = [
    ['a length and chunks', ['content-length: 4', 'transfer-encoding: chunked'], end],
    ['chunks and a length', ['transfer-encoding: chunked', `content-length: ${hidden + end.length}`], end],
    ['two lengths', ['content-length: 0', `content-length: ${hidden}`], ''],
    ['a list of lengths', [`content-length: 0, ${hidden}`], ''],
    ['a length with a sign', ['content-length: +0'], ''],
    ['a negative length', ['content-length: -1'], ''],
    ['a length beyond all', ['content-length: 18446744073709551616'], ''],
    ['a length in hexadecimal', ['content-length: 0x0'], ''],
    ['another encoding', ['transfer-encoding: xchunked'], end],
    ['chunks that are not last', ['transfer-encoding: chunked, identity'], end],
    ['a space before the colon', ['transfer-encoding : chunked', 'content-length: 5'], end],
    ['a folded header', ['x: y', ' transfer-encoding: chunked', 'content-length: 0'], ''],
    ['an encoding that is folded', ['transfer-encoding:', ' chunked', 'content-length: 5'], end],
    ['a bare carriage return', ['x: y\rtransfer-encoding: chunked', 'content-length: 0'], ''],
    ['a NUL in a header', ['x: y\0', 'content-length: 0'], ''],
    ['a chunk that is longer than it says', ['transfer-encoding: chunked'], `1\r\nlonger\r\n${end}`],
    ['a chunk of a size beyond all', ['transfer-encoding: chunked'], 'ffffffffffffffff1\r\n'],
    ['a chunk whose size has a prefix', ['transfer-encoding: chunked'], `0x${end}`],
  ];
  return rows.map(([what, headers, before]) => ({ what, headers, before }));
}
