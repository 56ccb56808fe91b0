import { Ajv, type ValidateFunction } from 'ajv';
import type { Provider } from '#contract/provider';
import type { HomeFile } from '../login/protocol.ts';

/**
 *  missing     not all are there, or one is still being written: wait
 *  malformed   one is there, and is not what this tool writes; `why` names file and field, never a value
 *  restored    all are as they were given back
 *  signed_in   all are there and valid
 */
export type Verdict = { kind: 'missing' } | { kind: 'malformed'; why: string } | { kind: 'signed_in' | 'restored'; files: HomeFile[] };

/** What is known of a file: its content, or why there is none. */
export type Found = { content: string } | { problem: string };

export type Judge = (found: ReadonlyMap<string, Found>) => Verdict;

/** Judges the credential files of a provider. `restored` are those that were there from the start. */
export function createJudge({ credentials }: Provider, restored: readonly HomeFile[]): Judge {
  const ajv = new Ajv({ allErrors: true, strict: false });
  const checks = credentials.map(({ path, schema }) => ({ path, validate: ajv.compile(schema) }));
  return (found) => {
    const files: HomeFile[] = [];
    let isMissing = checks.length === 0;
    for (const { path, validate } of checks) {
      const file = found.get(path);
      if (!file) isMissing = true;
      else if ('problem' in file) return { kind: 'malformed', why: `~/${path}: ${file.problem}` };
      else {
        const why = explain(file.content, validate);
        if (why !== undefined) return { kind: 'malformed', why: `~/${path}: ${why}` };
        files.push({ path, content: file.content });
      }
    }
    if (isMissing) return { kind: 'missing' };
    return { kind: files.every((file) => isAmong(restored, file)) ? 'restored' : 'signed_in', files };
  };
}

function explain(text: string, validate: ValidateFunction): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is no JSON, or only a part of it';
  }
  if (validate(value)) return undefined;
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`).join('; ');
}

function isAmong(files: readonly HomeFile[], { path, content }: HomeFile): boolean {
  return files.some((file) => file.path === path && file.content === content);
}
