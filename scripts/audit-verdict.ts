export interface Verdict {
  kind: 'verified' | 'skipped' | 'failed';
  message: string;
}

/** What npm says where there is nothing to check against. A signature that is wrong or missing says something else. */
const CANNOT: [said: RegExp, because: string][] = [
  [/found no (installed )?dependencies to audit/i, 'the registry that packages come from has no keys'],
  [
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH)\b/,
    'the keys of signatures cannot be reached from here',
  ],
  [/\bE40[0-9]\b|\bE50[0-9]\b/, 'the registry does not serve the keys of signatures'],
];
const WRONG = /\b(invalid|missing)\b.*(signature|attestation)/i;

/** `status`: npm's exit code, null when it took too long. */
export function toVerdict(status: number | null, said: string): Verdict {
  const text = said.trim();
  if (WRONG.test(text)) return { kind: 'failed', message: text };
  if (status === 0 && /audited [1-9]\d* package/.test(text)) return { kind: 'verified', message: text };
  const because = status === null ? 'npm did not come to an end' : CANNOT.find(([pattern]) => pattern.test(text))?.[1];
  return because ? { kind: 'skipped', message: `NOT CHECKED: ${because}` } : { kind: 'failed', message: text };
}
