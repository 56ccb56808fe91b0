import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { type CaptureEnd, toEnd } from './end.ts';

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** How long the program has to end by itself once asked: an X server that hangs would keep it. */
const END_LIMIT_MS = 1_000;
const LAST_WORDS_CHARS = 500;

/** Ends the program with the signal, or when its bytes are broken, and resolves with why it ended. Never rejects. */
export function watchEnd(child: Child, signal: AbortSignal, broken: Promise<Error>): Promise<CaptureEnd> {
  const lastWords = readLastWords(child);
  const { promise, resolve } = Promise.withResolvers<CaptureEnd>();
  const quit = () => endProgram(child);
  if (signal.aborted) quit();
  signal.addEventListener('abort', quit);
  void broken.then(({ message }) => {
    resolve({ reason: 'broken-records', message });
    child.kill('SIGKILL');
  });
  child.on('error', ({ message }) => resolve({ reason: 'not-started', message }));
  child.on('close', (code, killedBy) => {
    signal.removeEventListener('abort', quit);
    resolve(toEnd(code, killedBy, lastWords(), signal.aborted));
  });
  // Writing to a program that has just ended: its end tells more than the pipe's.
  child.stdin.on('error', () => {});
  return promise;
}

/** The end of its input ends it. */
function endProgram(child: Child): void {
  child.stdin.end();
  const late = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
  late.unref();
  child.once('close', () => clearTimeout(late));
}

/** Its last line on standard error. */
function readLastWords(child: Child): () => string {
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-LAST_WORDS_CHARS);
  });
  return () => text.trimEnd().split('\n').at(-1)!;
}
