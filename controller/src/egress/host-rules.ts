import type { EgressRules } from '#contract/egress';
import { Refusal } from '../refusal.ts';
import { toHost } from './host-name.ts';

/** Whether a host (as `toHost` gives it) may be asked for. What is denied is denied, also where it is allowed. */
export function isPermitted(host: string, { allow, deny = [] }: EgressRules): boolean {
  const isIn = (patterns: readonly string[]) => patterns.some((pattern) => matches(host, pattern));
  return !isIn(deny) && (allow === undefined || isIn(allow));
}

/** Rules with their names in the form in which hosts are judged. Throws Refusal 400 for a name that is none. */
export function toRules({ allow, deny }: EgressRules): EgressRules {
  const toPatterns = (list: readonly string[], field: string) => [
    ...new Set(list.map((each, index) => toPattern(each, `${field}/${index}`))),
  ];
  return { ...(allow && { allow: toPatterns(allow, 'allow') }), ...(deny && { deny: toPatterns(deny, 'deny') }) };
}

function matches(host: string, pattern: string): boolean {
  if (pattern === '*') return true;
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
}

function toPattern(written: string, field: string): string {
  if (written === '*') return written;
  const [star, name] = written.startsWith('*.') ? ['*.', written.slice(2)] : ['', written];
  const host = toHost(name);
  if (host === undefined) throw new Refusal(400, 'invalid_request', `body/egress/${field} is no host name, nor one after "*."`);
  return star + host;
}
