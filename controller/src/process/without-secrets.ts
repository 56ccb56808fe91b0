/**
 * A second net, under the one that knows secrets by their names: what has the shape of one goes, wherever it stands in a line. An error's
 * message can hold what somebody sent, a command's words, an address with a password in it.
 */
const SHAPES: [shape: RegExp, instead: string][] = [
  [/oriel_key_[\w-]+/g, '[secret]'],
  [/whsec_[\w+/=-]+/g, '[secret]'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[secret]'],
  [/(?<=oriel\.config=)[\w-]+/g, '[secret]'],
  [/(?<=\b(?:Bearer|Basic) )[\w.~+/=-]+/gi, '[secret]'],
  // Names and passwords in addresses.
  [/(?<=:\/\/)[^\s/@"\\]+:[^\s/@"\\]*(?=@)/g, '[secret]'],
  // 256 random bits, as guests' tokens and secrets are; after a line end as JSON writes it, too.
  [/(?<![\w-])(?:\\n)?[\w-]{43}(?![\w-])/g, '[secret]'],
];

export function withoutSecrets(line: string): string {
  return SHAPES.reduce((text, [shape, instead]) => text.replace(shape, instead), line);
}
