import type { Lock } from '../lock.ts';
import { findNpm, toNpmName, type NpmLock } from '../npm-lock.ts';
import { parseIntegrity } from './integrity.ts';
import { toDebUrl, toNpmUrl } from './purl.ts';

const STATEMENT = 'https://in-toto.io/Statement/v1';
const PREDICATE = 'https://slsa.dev/provenance/v1';
/** Names and no addresses: example is a domain that is nobody's (RFC 2606). */
const ORIEL = 'https://oriel.example';

/** Something that was made: a file and its sha256. */
export interface Subject {
  name: string;
  sha256: string;
}

/** Something that it was made from, as SLSA's resolvedDependencies have it. */
export interface Material {
  uri: string;
  digest: Record<string, string>;
}

/** How something was made; the same for every build of the same inputs, so no time, host or commit is in it. */
export interface BuildFacts {
  /** What kind of build: `golden-image/v1`. It names the meaning of the parameters. */
  buildType: string;
  /** What a person chose. */
  externalParameters: Record<string, unknown>;
  /** What follows from that. */
  internalParameters: Record<string, unknown>;
  materials: readonly Material[];
}

export interface Statement {
  _type: string;
  subject: { name: string; digest: { sha256: string } }[];
  predicateType: string;
  predicate: object;
}

/** SLSA provenance (https://slsa.dev/spec/v1.0/provenance) in an in-toto statement. */
export function toStatement(facts: BuildFacts, subjects: readonly Subject[]): Statement {
  const { buildType, externalParameters, internalParameters, materials } = facts;
  return {
    _type: STATEMENT,
    subject: [...subjects].sort(by(({ name }) => name)).map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: PREDICATE,
    predicate: {
      buildDefinition: {
        buildType: `${ORIEL}/${buildType}`,
        externalParameters,
        internalParameters,
        resolvedDependencies: [...new Map(materials.map((material) => [material.uri, material])).values()].sort(by(({ uri }) => uri)),
      },
      runDetails: { builder: { id: `${ORIEL}/builder/v1` } },
    },
  };
}

/** The statement in a payload; undefined when it is none of this kind. */
export function parseStatement(payload: string): Statement | undefined {
  try {
    const statement = JSON.parse(payload) as Statement;
    const isKnown = statement._type === STATEMENT && statement.predicateType === PREDICATE;
    return isKnown && statement.subject.every(isSubject) ? statement : undefined;
  } catch {
    return undefined;
  }
}

/** Every .deb of a lock. */
export function toDebMaterials({ packages }: Pick<Lock, 'packages'>): Material[] {
  return packages.map((locked) => ({ uri: toDebUrl(locked), digest: { sha256: locked.sha256 } }));
}

/** npm packages by where package-lock.json has them. One that came inside of another's archive is that one's. */
export function toNpmMaterials(places: readonly string[], lock: NpmLock): Material[] {
  return places.flatMap((place) => {
    const { version, integrity } = findNpm(lock, place);
    if (!integrity) return [];
    const { algorithm, hex } = parseIntegrity(integrity);
    return [{ uri: toNpmUrl(toNpmName(place), version), digest: { [algorithm]: hex } }];
  });
}

function isSubject(subject: Statement['subject'][number]): boolean {
  return typeof subject.name === 'string' && /^[0-9a-f]{64}$/.test(subject.digest.sha256);
}

function by<T>(key: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : 1);
}
