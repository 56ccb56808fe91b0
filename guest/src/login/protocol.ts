/*
 * Between the auth agent, which speaks to the controller, and the login, which has the desktop's user and nothing more: one JSON text a
 * line. The auth agent believes the login as much as it believes a file in that user's home.
 */

export interface HomeFile {
  /** Below the user's home. */
  path: string;
  content: string;
}

export type ToLogin =
  | {
      t: 'start';
      title: string;
      command: readonly string[];
      env: Readonly<Record<string, string>>;
      urlPattern: string | undefined;
      /** Files to be watched, below the user's home. */
      paths: readonly string[];
      /** Written before the command is run. */
      files: readonly HomeFile[];
    }
  /** The command once more, in a new terminal. */
  | { t: 'restart' }
  /** Ends the command and removes the watched files. */
  | { t: 'wipe' };

export type FromLogin =
  | { t: 'started' }
  /** The desktop's browser was asked to show this. */
  | { t: 'opened'; url: string }
  /** `code` is null when its terminal was closed. */
  | { t: 'ended'; code: number | null; lines: string[] }
  /** A watched file has this content now; or none that could be read, for this reason. */
  | { t: 'file'; path: string; content: string }
  | { t: 'file'; path: string; problem: string }
  | { t: 'wiped' };

/** Calls `handle` with each line's message; what is none is dropped. */
export function toMessages<T>(handle: (message: T) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const message = parse(line) as T | undefined;
      if (message) handle(message);
    }
  };
}

export function toLine(message: ToLogin | FromLogin): string {
  return `${JSON.stringify(message)}\n`;
}

function parse(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
