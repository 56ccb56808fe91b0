import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Type } from 'typebox';
import { createAjv } from '../../controller/src/contract/ajv.ts';
import { edge, type EdgeSettings } from './edge.ts';
import { hosts, type HostSettings } from './host.ts';
import { image, type ImageSettings } from './image.ts';
import { imageStore, type ImageStoreSettings } from './image-store.ts';
import { monitoring, type MonitoringSettings } from './monitoring.ts';
import { NAME, strict } from './schemas.ts';
import type { Others, Section } from './section.ts';
import { toSentences } from './sentences.ts';
import { turn, type TurnSettings } from './turn.ts';

/** Settings of one environment, `infra/environments/NAME.json`: a section for each kind of stack, in which each entry is one. */
export interface Settings {
  hosts: Record<string, HostSettings>;
  edge: Record<string, EdgeSettings>;
  monitoring: Record<string, MonitoringSettings>;
  image: Record<string, ImageSettings>;
  imageStore: Record<string, ImageStoreSettings>;
  turn: Record<string, TurnSettings>;
}

/** The file of each section is beside this one. */
const SECTIONS: { [Name in keyof Settings]: Section<Settings[Name][string]> } = {
  hosts,
  edge,
  monitoring,
  image,
  imageStore,
  turn,
};

const FILE = Type.Object(
  Object.fromEntries(
    Object.entries(SECTIONS).map(([name, { schema }]) => [
      name,
      Type.Optional(Type.Record(Type.String({ pattern: NAME }), schema, { minProperties: 1, ...strict })),
    ]),
  ),
  { minProperties: 1, ...strict },
);
/** Compiles a schema once. */
const ajv = createAjv({ verbose: true });

/** `problems` has one sentence for each mistake. */
export class SettingsInvalid extends Error {
  override readonly name = 'SettingsInvalid';
  readonly problems: string[];
  constructor(path: string, problems: string[]) {
    super(`${path} is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Settings of a file, paths made absolute from where it is. Throws SettingsInvalid with everything that is wrong. */
export function readSettings(path: string): Settings {
  const file = resolve(path);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SettingsInvalid(path, [`it is no JSON that can be read: ${(error as Error).message}`]);
  }
  const misshapen = findMisshapen(value);
  const settings = fromFolder(value, dirname(file));
  const others: Others = {
    settings,
    has: (section, name) => Object.hasOwn(toEntries(value, section), name),
    isWhole: (section) => Object.keys(toEntries(value, section)).length === Object.keys(settings[section]).length,
  };
  const problems = [...misshapen, ...findProblems(others)];
  if (problems.length > 0) throw new SettingsInvalid(path, problems);
  return settings;
}

/** An entry of a section by its name. Throws SettingsInvalid. */
export function findEntry<Name extends keyof Settings>(path: string, section: Name, name: string): Settings[Name][string] {
  const entry = (readSettings(path)[section] as Record<string, Settings[Name][string]>)[name];
  if (!entry) throw new SettingsInvalid(path, [`${section}: there is no ${name}`]);
  return entry;
}

/** What the schema finds. */
function findMisshapen(value: unknown): string[] {
  const validate = ajv.compile(FILE);
  return validate(value) ? [] : toSentences(validate.errors ?? []);
}

/** Entries that are well formed, with absolute paths: what is wrong with them is told beside what others' forms are wrong in. */
function fromFolder(value: unknown, dir: string): Settings {
  const at = (path: string) => (isAbsolute(path) ? path : join(dir, path));
  return Object.fromEntries(
    eachSection().map(([name, { schema, fromFolder }]) => {
      const isFormed = ajv.compile(schema);
      const formed = Object.entries(toEntries(value, name)).filter(([, entry]) => isFormed(entry));
      return [name, Object.fromEntries(formed.map(([key, entry]) => [key, fromFolder(entry, at)]))];
    }),
  ) as unknown as Settings;
}

function findProblems(others: Others): string[] {
  return eachSection().flatMap(([name, section]) =>
    Object.entries(others.settings[name as keyof Settings]).flatMap(([key, entry]) =>
      section.findProblems(entry, others).map((problem) => `${name}.${key}.${problem}`),
    ),
  );
}

/** Whatever the file has for it. */
function toEntries(value: unknown, section: string): object {
  const entries = (value as Record<string, unknown> | null)?.[section];
  return typeof entries === 'object' && entries !== null ? entries : {};
}

function eachSection(): [string, Section<unknown>][] {
  return Object.entries(SECTIONS) as [string, Section<unknown>][];
}
