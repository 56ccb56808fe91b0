import type { KeyObject } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IN_TOTO, isSignedBy, toKeyId, type Envelope } from '../attest/dsse.ts';
import { parseStatement, type Statement } from '../attest/provenance.ts';
import { parseEnvelope, PROVENANCE } from '../attest/provenance-file.ts';
import { toSha256 } from '../publish.ts';

/** Whose signature is wanted: of this key, or of nobody. Undefined: of somebody, and no key was given to check it with. */
export type Trust = KeyObject | 'unsigned' | undefined;

/** What is wrong with the provenance of a published folder and its signature, and what it states if that can be read. */
export async function checkProvenance(dir: string, trust: Trust): Promise<{ wrong: string[]; statement?: Statement }> {
  const text = await readFile(join(dir, PROVENANCE), 'utf8').catch(() => undefined);
  if (text === undefined) return { wrong: [`${PROVENANCE}: is missing, so nothing says what the other files must be`] };
  const envelope = parseEnvelope(text);
  if (!envelope) return { wrong: [`${PROVENANCE}: is no DSSE envelope`] };
  const wrong = checkSignature(envelope, trust);
  const statement = envelope.payloadType === IN_TOTO ? parseStatement(Buffer.from(envelope.payload, 'base64').toString()) : undefined;
  if (!statement) return { wrong: [...wrong, `${PROVENANCE}: its payload is no in-toto statement with SLSA provenance v1`] };
  return { wrong, statement };
}

/** Whether a folder has exactly the files that its provenance names, with their bytes. */
export async function checkSubjects(dir: string, { subject }: Statement): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const files = new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  const wanted = new Set([PROVENANCE, ...subject.map(({ name }) => name)]);
  const wrong = await Promise.all(
    subject.map(async ({ name, digest }) => {
      if (!files.has(name)) return `${name}: is missing, the provenance names it`;
      const found = await toSha256(join(dir, name));
      return found === digest.sha256 ? '' : `${name}: sha256 is ${found}, the provenance says ${digest.sha256}`;
    }),
  );
  const extra = entries.filter(({ name }) => !wanted.has(name)).map(({ name }) => `${name}: is there, the provenance does not name it`);
  return [...wrong.filter(Boolean), ...extra.sort()];
}

function checkSignature(envelope: Envelope, trust: Trust): string[] {
  const { signatures } = envelope;
  const found = signatures.map(({ keyid }) => keyid).join(', ');
  if (trust === 'unsigned') return [];
  if (signatures.length === 0) return [`${PROVENANCE}: not signed: build with ORIEL_SIGNING_KEY, or verify with --allow-unsigned`];
  if (!trust) return [`${PROVENANCE}: signed by key ${found}, no key was given to check it: verify with --key PUBLIC.pem`];
  if (isSignedBy(envelope, trust)) return [];
  const wanted = toKeyId(trust);
  if (signatures.some(({ keyid }) => keyid === wanted)) return [`${PROVENANCE}: the signature of key ${wanted} does not fit the payload`];
  return [`${PROVENANCE}: signed by key ${found}, key ${wanted} is wanted`];
}
