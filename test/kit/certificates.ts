import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';

/** An authority of a test's own, and what it has signed. */
export interface Certificates {
  authority: string;
  certificate: string;
  key: string;
}

/** Made in `dir`, for a server that is reached by this address or name. */
export function makeCertificates(dir: string, address: string): Certificates {
  mkdirSync(dir, { recursive: true });
  const at = (name: string) => join(dir, name);
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test authority');
  openssl('req', ...key, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', `/CN=${address}`);
  writeFileSync(at('names'), `subjectAltName=${isIP(address) ? 'IP' : 'DNS'}:${address}\nextendedKeyUsage=serverAuth\n`);
  openssl(
    'x509',
    '-req',
    '-in',
    'request.pem',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-days',
    '2',
    '-extfile',
    'names',
    '-out',
    'certificate.pem',
  );
  return { authority: at('ca.pem'), certificate: at('certificate.pem'), key: at('key.pem') };
}

/** Has a browser whose HOME this is believe an authority, as a person does by its settings. Needs Debian's libnss3-tools. */
export function trustAuthority(home: string, authority: string): void {
  const db = join(home, '.pki/nssdb');
  mkdirSync(db, { recursive: true });
  execFileSync('certutil', ['-d', `sql:${db}`, '-N', '--empty-password']);
  execFileSync('certutil', ['-d', `sql:${db}`, '-A', '-t', 'C,,', '-n', 'test authority', '-i', authority]);
}
