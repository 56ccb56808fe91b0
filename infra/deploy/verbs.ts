/** Of a stack: commands by name, with their words. Each gives what is to be said. */
export type Verbs = Record<string, { words: readonly string[]; act: (...words: string[]) => Promise<string> }>;
