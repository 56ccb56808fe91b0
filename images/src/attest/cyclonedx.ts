import type { Bill, Component } from './bill.ts';
import { toUuid } from './uuid.ts';

const ALGORITHMS = { sha256: 'SHA-256', sha512: 'SHA-512' } as const;

/** CycloneDX 1.6: https://cyclonedx.org/docs/1.6/json. The same bill gives the same bytes. */
export function toCycloneDx(bill: Bill): string {
  const content = {
    metadata: {
      timestamp: new Date(bill.epoch * 1000).toISOString(),
      tools: { components: [{ type: 'application', name: 'oriel', version: bill.version }] },
      component: {
        type: bill.product.type,
        'bom-ref': bill.product.name,
        name: bill.product.name,
        version: bill.version,
        hashes: [{ alg: 'SHA-256', content: bill.id }],
      },
    },
    components: bill.components.map(toComponent),
    dependencies: [{ ref: bill.product.name, dependsOn: bill.components.map(toRef) }],
  };
  const serialNumber = `urn:uuid:${toUuid(JSON.stringify(content))}`;
  return `${JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber, version: 1, ...content }, null, 2)}\n`;
}

function toComponent(component: Component): object {
  const { kind, name, version, purl, digest, licence, source } = component;
  return {
    type: kind === 'file' ? 'file' : 'library',
    'bom-ref': toRef(component),
    ...(kind === 'deb' ? { supplier: { name: 'Debian' } } : {}),
    name,
    version,
    ...(digest ? { hashes: [{ alg: ALGORITHMS[digest.algorithm], content: digest.hex }] } : {}),
    ...(licence ? { licenses: [{ expression: licence }] } : {}),
    ...(purl ? { purl } : {}),
    ...(source ? { properties: [{ name: 'oriel:debian:source', value: source }] } : {}),
  };
}

function toRef({ purl, name }: Component): string {
  return purl ?? `file:${name}`;
}
