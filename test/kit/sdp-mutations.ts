/** One way in which an offer can be wrong. */
export interface Mutation {
  name: string;
  sdp: string;
}

/** Words in the place of a line's value: each is something that a careless parser takes for a number, a name or a list. */
const VALUES = ['', '-1', '99999999999999999999', 'NaN', 'x y z', '\u0000\u202e💥', '__proto__', 'a'.repeat(3000)];

/** Every kind of line of an offer dropped, doubled, and given each wrong value; then what goes wrong as a whole. */
export function mutate(sdp: string): Mutation[] {
  const lines = sdp.split('\r\n').filter(Boolean);
  const kinds = new Map(lines.map((line) => [toKind(line), line]));
  const perLine = [...kinds].flatMap(([kind, line]) => [
    { name: `no ${kind}`, lines: lines.filter((one) => toKind(one) !== kind) },
    { name: `${kind} twice`, lines: lines.flatMap((one) => (one === line ? [one, one] : [one])) },
    ...VALUES.map((value) => ({
      name: `${kind} is ${JSON.stringify(value.slice(0, 20))}`,
      lines: lines.map((one) => (toKind(one) === kind ? `${kind}${value}` : one)),
    })),
  ]);
  return [...perLine, ...asWhole(lines)].map(({ name, lines }) => ({ name, sdp: `${lines.join('\r\n')}\r\n` }));
}

function asWhole(lines: readonly string[]): { name: string; lines: string[] }[] {
  const first = lines.findIndex((line) => line.startsWith('m='));
  const [session, media] = [lines.slice(0, first), lines.slice(first)];
  return [
    { name: 'no media', lines: session },
    { name: 'media only', lines: ['v=0', ...media] },
    { name: 'backwards', lines: ['v=0', ...lines.slice(1).reverse()] },
    { name: 'thirty times the media', lines: [...session, ...Array.from({ length: 30 }, () => media).flat()].slice(0, 800) },
    { name: 'every number is 0', lines: lines.map((line) => (line === 'v=0' ? line : line.replace(/\d+/g, '0'))) },
    { name: 'every number is huge', lines: lines.map((line) => (line === 'v=0' ? line : line.replace(/\d+/g, '4294967296'))) },
    {
      name: 'a thousand candidates',
      lines: [...lines, ...Array.from({ length: 1000 }, (_, index) => `a=candidate:${index} 1 udp 1 1.2.3.4 5 typ host`)],
    },
    { name: 'half of it', lines: lines.slice(0, Math.floor(lines.length / 2)) },
    { name: 'audio for video', lines: lines.map((line) => line.replace('m=video', 'm=audio')) },
    { name: 'no video, only channels', lines: [...session, ...media.slice(media.findIndex((line) => line.startsWith('m=application')))] },
  ];
}

/** `a=ice-ufrag:`, `m=video `, `t=`: all before the value. */
function toKind(line: string): string {
  return /^(a=[a-z-]+(:|$)|m=\w+ |[a-z]=)/.exec(line)![0];
}
