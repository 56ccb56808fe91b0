import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { toEnvelope, toKeyId } from '../../images/src/attest/dsse.ts';
import { toStatement, type BuildFacts } from '../../images/src/attest/provenance.ts';
import { parseEnvelope, PROVENANCE } from '../../images/src/attest/provenance-file.ts';
import { toSha256 } from '../../images/src/publish.ts';
import { checkProvenance, type Trust } from '../../images/src/verify/provenance.ts';
import { BUILD, parseSums, RELEASE, SUMS, type Release } from './release.ts';

/**
 * Everything that is wrong with a release, a line each: which file, what was found, what is wanted. Empty when all is well. `trust` is
 * whose signature is wanted. The chain: the signature covers the sums, whose sha256 is the release's name, and the sums cover every file;
 * what the provenance states beside that is in a file of the sums, too, so that no byte of it is anybody's without a signature either.
 */
export async function verifyRelease(dir: string, trust: Trust): Promise<string[]> {
  const { wrong, statement } = await checkProvenance(dir, trust);
  wrong.push(...(await checkStated(dir, trust)));
  const text = await readFile(join(dir, SUMS), 'utf8').catch(() => '');
  const sums = parseSums(text);
  if (!sums) return [...wrong, `${SUMS}: is missing, or is not as sha256sum writes it`];
  const id = await toSha256(join(dir, SUMS));
  const named = statement?.subject.find(({ name }) => name === SUMS)?.digest.sha256;
  if (statement && named !== id) wrong.push(`${SUMS}: sha256 is ${id}, the provenance says ${named ?? 'nothing'}`);
  if (basename(dir) !== id) wrong.push(`${SUMS}: sha256 is ${id}, the folder is named ${basename(dir)}`);
  const found = await listFiles(dir);
  const extra = found.filter((path) => !sums.has(path) && path !== SUMS && path !== PROVENANCE);
  const files = await Promise.all([...sums].map(([path, sha256]) => checkFile(dir, path, sha256)));
  return [...wrong, ...files.flat(), ...extra.map((path) => `${path}: is there, ${SUMS} does not name it`), ...(await checkModes(dir))];
}

/** Whether the provenance is, to the letter, what is made of `build.json` and the sums; signatures are of the one key that is trusted. */
async function checkStated(dir: string, trust: Trust): Promise<string[]> {
  const [text, build] = await Promise.all([PROVENANCE, BUILD].map((name) => readFile(join(dir, name), 'utf8').catch(() => '')));
  const [found, facts] = [parseEnvelope(text!), toFacts(build!)];
  if (!facts) return [`${BUILD}: is missing, or says not how the release was made`];
  const stated = JSON.stringify(toStatement(facts, [{ name: SUMS, sha256: await toSha256(join(dir, SUMS)).catch(() => '') }]));
  const isOf = (keyid: string) => !trust || trust === 'unsigned' || keyid === toKeyId(trust);
  const signatures = found?.signatures.filter(({ keyid }) => isOf(keyid)) ?? [];
  const wanted = { ...toEnvelope(stated), signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })) };
  return text === `${JSON.stringify(wanted, null, 2)}\n` ? [] : [`${PROVENANCE}: it is not what ${BUILD} and ${SUMS} come to`];
}

function toFacts(text: string): BuildFacts | undefined {
  try {
    const facts = JSON.parse(text) as BuildFacts;
    return Array.isArray(facts.materials) ? facts : undefined;
  } catch {
    return undefined;
  }
}

async function checkFile(dir: string, path: string, wanted: string): Promise<string[]> {
  const kind = await lstat(join(dir, path)).catch(() => undefined);
  if (!kind) return [`${path}: is missing, ${SUMS} names it`];
  if (!kind.isFile()) return [`${path}: is no regular file`];
  const found = await toSha256(join(dir, path));
  return found === wanted ? [] : [`${path}: sha256 is ${found}, ${SUMS} says ${wanted}`];
}

/** What is run must be what may be run. */
async function checkModes(dir: string): Promise<string[]> {
  const text = await readFile(join(dir, RELEASE), 'utf8').catch(() => '');
  const { files } = toRelease(text) ?? {};
  if (!files) return [`${RELEASE}: is missing, or is no description of a release`];
  const wrong = files.map(async ({ path, mode }) => {
    const found = await lstat(join(dir, path)).catch(() => undefined);
    const mine = found && (found.mode & 0o7777).toString(8);
    return mine === undefined || mine === mode ? [] : [`${path}: its mode is ${mine}, ${RELEASE} says ${mode}`];
  });
  return (await Promise.all(wrong)).flat();
}

function toRelease(text: string): Release | undefined {
  try {
    const release = JSON.parse(text) as Release;
    return Array.isArray(release.files) ? release : undefined;
  } catch {
    return undefined;
  }
}

/** All that is no folder, links among them. */
async function listFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(dir.length + 1))
    .sort();
}
