import { isIPv6 } from 'node:net';
import type { Config } from '../config.ts';

/*
 *  stun:host[:port]   turn:host[:port][?transport=udp|tcp]   turns:host[:port][?transport=tcp]        (RFC 7064, RFC 7065)
 */
const URL_OF_ICE =
  /^(stun|turn|turns):(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::([0-9]{1,5}))?(?:\?transport=(udp|tcp))?$/;

/** A browser gathers from each of them. */
const MOST = 8;

/** What is wrong with the servers that browsers are to be told of. Which one is told by its place: somebody may have put a password in it. */
export function findIceProblems({ stunUrls, turnUrls, secretFile }: Omit<Config['ice'], 'ttlSeconds'>): string[] {
  return [
    ...findUrlProblems('ORIEL_STUN_URLS', stunUrls, ['stun']),
    ...findUrlProblems('ORIEL_TURN_URLS', turnUrls, ['turn', 'turns']),
    ...(turnUrls.length > 0 && !secretFile
      ? ['ORIEL_TURN_SECRET_FILE: it is needed with ORIEL_TURN_URLS: openssl rand -hex 32 makes a secret']
      : []),
    ...(secretFile && turnUrls.length === 0 ? ['ORIEL_TURN_URLS: it is needed with ORIEL_TURN_SECRET_FILE'] : []),
  ];
}

function findUrlProblems(name: string, urls: readonly string[], schemes: readonly string[]): string[] {
  const like =
    schemes[0] === 'stun'
      ? 'stun:stun.example.org'
      : 'turn:turn.example.org:3478?transport=udp or turns:turn.example.org:443?transport=tcp';
  const problems = urls.flatMap((url, index) => {
    const problem = findProblem(url, schemes);
    return problem ? [`${name}: number ${index + 1} ${problem}, and is to be like ${like}`] : [];
  });
  if (new Set(urls).size < urls.length) problems.push(`${name}: one is there twice`);
  if (urls.length > MOST) problems.push(`${name}: ${urls.length} are more than ${MOST}`);
  return problems;
}

function findProblem(url: string, schemes: readonly string[]): string | undefined {
  const scheme = /^([a-z]*):/i.exec(url)?.[1];
  if (scheme === undefined || !schemes.includes(scheme)) return `does not begin with ${schemes.map((name) => `${name}:`).join(' or ')}`;
  if (url.startsWith(`${scheme}://`)) return `has // after ${scheme}:`;
  const [, , host, port, transport] = URL_OF_ICE.exec(url) ?? [];
  if (host === undefined) return 'is no such address';
  if (host.startsWith('[') && !isIPv6(host.slice(1, -1))) return 'has no IPv6 address between its brackets';
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535)) return 'has no port from 1 to 65535';
  if (scheme === 'stun' && transport) return 'has a transport, which stun: has none of';
  if (scheme === 'turns' && transport === 'udp') return 'is TLS over UDP, which browsers do not speak';
  return undefined;
}
