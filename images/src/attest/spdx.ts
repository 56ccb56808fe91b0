import type { Bill, Component } from './bill.ts';
import { toUuid } from './uuid.ts';

const ALGORITHMS = { sha256: 'SHA256', sha512: 'SHA512' } as const;
const DOCUMENT = 'SPDXRef-DOCUMENT';
const PURPOSES = { 'operating-system': 'OPERATING_SYSTEM', application: 'APPLICATION' } as const;
const UNKNOWN = 'NOASSERTION';

/** SPDX 2.3: https://spdx.github.io/spdx-spec/v2.3. The same bill gives the same bytes. */
export function toSpdx(bill: Bill): string {
  const root = toRootId(bill);
  const content = {
    creationInfo: { created: new Date(bill.epoch * 1000).toISOString().replace('.000Z', 'Z'), creators: [`Tool: oriel-${bill.version}`] },
    packages: [toRoot(bill), ...bill.components.map(toPackage)],
    relationships: [
      { spdxElementId: DOCUMENT, relationshipType: 'DESCRIBES', relatedSpdxElement: root },
      ...bill.components.map((part) => ({ spdxElementId: root, relationshipType: 'CONTAINS', relatedSpdxElement: toId(part) })),
    ],
  };
  const documentNamespace = `urn:uuid:${toUuid(JSON.stringify(content))}`;
  const head = { spdxVersion: 'SPDX-2.3', dataLicense: 'CC0-1.0', SPDXID: DOCUMENT, name: bill.product.name, documentNamespace };
  return `${JSON.stringify({ ...head, ...content }, null, 2)}\n`;
}

function toRoot(bill: Bill): object {
  const { id, version, product } = bill;
  return {
    SPDXID: toRootId(bill),
    name: product.name,
    versionInfo: version,
    ...UNSAID,
    primaryPackagePurpose: PURPOSES[product.type],
    checksums: [{ algorithm: 'SHA256', checksumValue: id }],
  };
}

function toRootId({ product }: Bill): string {
  return `SPDXRef-${product.name}`;
}

function toPackage(component: Component): object {
  const { kind, name, version, purl, digest, licence, source } = component;
  return {
    SPDXID: toId(component),
    name,
    versionInfo: version,
    ...UNSAID,
    ...(kind === 'deb' ? { supplier: 'Organization: Debian' } : {}),
    ...(kind === 'file' ? { primaryPackagePurpose: 'FILE' } : {}),
    ...(licence ? { licenseDeclared: licence } : {}),
    ...(source ? { sourceInfo: `built from source package ${source}` } : {}),
    ...(digest ? { checksums: [{ algorithm: ALGORITHMS[digest.algorithm], checksumValue: digest.hex }] } : {}),
    ...(purl ? { externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }] } : {}),
  };
}

/** What SPDX 2.3 wants said even where nothing is known. */
const UNSAID = {
  downloadLocation: UNKNOWN,
  filesAnalyzed: false,
  licenseConcluded: UNKNOWN,
  licenseDeclared: UNKNOWN,
  copyrightText: UNKNOWN,
};

/** Letters, digits, dot and dash are all that an id may have. */
function toId({ kind, name, version }: Component): string {
  return `SPDXRef-${kind}-${`${name}-${version}`.replace(/[^A-Za-z0-9.-]/g, (letter) => `-x${letter.charCodeAt(0).toString(16)}-`)}`;
}
