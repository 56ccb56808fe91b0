/** Where a document's commands are typed: on the machine that builds, or in a shell of root on the host. */
export type Place = 'here' | 'host';

/** Commands of a document, as they stand there. */
export interface Block {
  place: Place;
  /** Names it in the document, for whoever checks what came of it. */
  id: string;
  text: string;
  /** Of the document, of its first command. */
  line: number;
}

/** Shell, of which nothing is known but by the words after its language: ```` ```sh host drain ````. */
const FENCE = /^```(?:sh|bash)\b *(.*)\n([\s\S]*?)^```$/gm;
/** Those that another test runs. */
const ELSEWHERE = /^terraform$/;

/** Commands of a document in their order. Throws for shell without a place and a name, and for a name that comes twice. */
export function readBlocks(markdown: string): Block[] {
  const blocks = [...markdown.matchAll(FENCE)].flatMap(({ 1: words, 2: text, index }) => {
    const line = markdown.slice(0, index).split('\n').length + 1;
    if (ELSEWHERE.test(words!)) return [];
    const [, place, id] = /^(here|host) ([a-z-]+)$/.exec(words!) ?? [];
    if (!place) throw new Error(`line ${line}: "${words}": shell is “here NAME” or “host NAME”`);
    return [{ place: place as Place, id: id!, text: text!, line }];
  });
  const twice = blocks.find(({ id }, index) => blocks.findIndex((other) => other.id === id) < index);
  if (twice) throw new Error(`line ${twice.line}: there is another ${twice.id}`);
  return blocks;
}

/** What a test types in the place of what a document says. Throws for a word that the document does not have. */
export function substitute(blocks: readonly Block[], table: Readonly<Record<string, string>>): Block[] {
  for (const word of Object.keys(table))
    if (!blocks.some(({ text }) => text.includes(word))) throw new Error(`the document does not have ${word}`);
  const toText = (text: string) => Object.entries(table).reduce((result, [word, instead]) => result.replaceAll(word, instead), text);
  return blocks.map((block) => ({ ...block, text: toText(block.text) }));
}
