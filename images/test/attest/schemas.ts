import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import formats from 'ajv-formats';

/** Says what a published schema has against a document; nothing when it is valid. */
export type Validate = (document: unknown) => string[];

const { resolve } = createRequire(import.meta.url);
const CYCLONEDX = join(resolve('@cyclonedx/cyclonedx-library/package.json'), '../res/schema');

export async function readCycloneDxSchema(): Promise<Validate> {
  const [bom, spdx, jsf] = await Promise.all(
    ['bom-1.6', 'spdx', 'jsf-0.82'].map((name) => read(join(CYCLONEDX, `${name}.SNAPSHOT.schema.json`))),
  );
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: true });
  formats.default(ajv);
  // Both allow more than the plain forms; nothing here needs it.
  ajv.addFormat('iri-reference', ajv.formats['uri-reference']!);
  ajv.addFormat('idn-email', ajv.formats['email']!);
  ajv
    .addSchema(spdx!, 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json')
    .addSchema(jsf!, 'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json');
  return toValidate(ajv, bom!);
}

export async function readSpdxSchema(): Promise<Validate> {
  return toValidate(
    new Ajv2019({ allErrors: true, strict: false }),
    await read(join(import.meta.dirname, '../schema/spdx-2.3.schema.json')),
  );
}

/** Names of licences as SPDX lists them. */
export async function readLicenceNames(): Promise<Set<string>> {
  const { enum: names } = (await read(join(CYCLONEDX, 'spdx.SNAPSHOT.schema.json'))) as { enum: string[] };
  return new Set(names);
}

function toValidate(ajv: Ajv, schema: object): Validate {
  const isValid = ajv.compile(schema);
  return (document) => {
    isValid(document);
    return (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

async function read(path: string): Promise<object> {
  return JSON.parse(await readFile(path, 'utf8')) as object;
}
