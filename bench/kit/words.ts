import { parseArgs } from 'node:util';

/** `--name value` of a bench's command line, each with its default. Throws for a name that is not among them. */
export function readWords<Name extends string>(args: string[], defaults: Record<Name, string>): Record<Name, string> {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args, options });
  return { ...defaults, ...(values as Partial<Record<Name, string>>) };
}

/** A whole number above 0. Throws for others. */
export function toCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${text}: a whole number above 0 is needed`);
  return count;
}

/** The names in a list with commas. Throws for one that is not among `known`. */
export function toNames<Name extends string>(text: string, known: readonly Name[]): Name[] {
  return text.split(',').map((word) => {
    const name = known.find((one) => one === word);
    if (name === undefined) throw new Error(`${word}: one of ${known.join(', ')} is needed`);
    return name;
  });
}
