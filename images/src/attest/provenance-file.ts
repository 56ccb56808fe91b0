import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toTextFile, type PublishedFile } from '../publish.ts';
import { toEnvelope, type Envelope } from './dsse.ts';
import { toStatement, type BuildFacts } from './provenance.ts';

/** Name of the file in which a published folder says how the others were made. */
export const PROVENANCE = 'provenance.dsse.json';

/**
 * The provenance of files that are to be published, as one more of them: the last, because it names the others. Signed when
 * there is a key. A build without one leaves the signature of what is published in `dir` when that says the same.
 */
export async function toProvenanceFile(
  dir: string,
  facts: BuildFacts,
  files: readonly PublishedFile[],
  key?: KeyObject,
): Promise<PublishedFile> {
  const envelope = toEnvelope(JSON.stringify(toStatement(facts, files)), key);
  const text = `${JSON.stringify(envelope, null, 2)}\n`;
  if (key) return toTextFile(PROVENANCE, text);
  const published = await readFile(join(dir, PROVENANCE), 'utf8').catch(() => '');
  return toTextFile(PROVENANCE, parseEnvelope(published)?.payload === envelope.payload ? published : text);
}

/** The envelope in a file; undefined when it is none. */
export function parseEnvelope(text: string): Envelope | undefined {
  try {
    const envelope = JSON.parse(text) as Envelope;
    const texts = [envelope.payloadType, envelope.payload, ...envelope.signatures.flatMap(({ keyid, sig }) => [keyid, sig])];
    return texts.every((field) => typeof field === 'string') ? envelope : undefined;
  } catch {
    return undefined;
  }
}
