/** The word of `words` that takes the fewest edits (Levenshtein) to become from `word`. `words` is not empty. */
export function nearest(word: string, words: readonly string[]): string {
  return words.reduce((best, next) => (distance(word, next) < distance(word, best) ? next : best));
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
