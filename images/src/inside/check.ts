/*
 * Runs inside the image, by its own Node: reads what must be (CheckPlan, JSON) from standard input and writes what is wrong,
 * a list of sentences, to standard output. Imports nothing but Node: the repository is not there.
 */
import { execFile } from 'node:child_process';
import { glob, lstat, open, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { CheckPlan } from '../check.ts';

const exec = promisify(execFile);
const AS_DESKTOP = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'];
const SECONDS_PER_DAY = 86_400;
/** A command may say more than Node expects. */
const MOST_BYTES = 8 * 2 ** 20;

const plan = JSON.parse(await text(process.stdin)) as CheckPlan;
const { needs } = plan;
/** Whose libraries are to be found. */
const objects = new Set<string>();
const checks = [
  ...needs.programs.map(checkProgram),
  ...needs.commands.map(checkCommand),
  ...needs.files.map(checkFile),
  ...needs.plugins.map(checkPlugins),
  ...needs.absent.map(checkAbsent),
  ...Object.entries(plan.links).map(checkLink),
  ...plan.users.map(checkUser),
  checkElements(needs.elements),
  checkIdChangers(),
  checkTimes(),
  checkShadow(),
];
const wrong = (await Promise.all(checks)).flat();
process.stdout.write(JSON.stringify([...wrong, ...(await checkLibraries([...objects]))]));

async function checkProgram(pattern: string): Promise<string[]> {
  const [path] = await find(pattern);
  if (!path) return [`program ${pattern} is missing`];
  if (!((await stat(path)).mode & 0o001)) return [`program ${path} cannot be executed by everybody`];
  await noteObject(path);
  return [];
}

async function checkCommand(argv: readonly string[]): Promise<string[]> {
  return runAsDesktop(argv).then(
    () => [],
    (error: unknown) => [`${argv.join(' ')}: ${toLine(error)}`],
  );
}

async function runAsDesktop(argv: readonly string[]): Promise<string> {
  const words = [...AS_DESKTOP, ...argv];
  const env = { PATH: '/usr/bin:/usr/sbin', HOME: '/tmp', LC_ALL: 'C.UTF-8' };
  const { stdout } = await exec(words[0]!, words.slice(1), { env, cwd: '/', maxBuffer: MOST_BYTES });
  return stdout;
}

async function checkFile(path: string): Promise<string[]> {
  return (await isThere(path)) ? [] : [`${path} is missing`];
}

async function checkPlugins(dir: string): Promise<string[]> {
  const found = await find(`${dir}/**/*.{so,node}`);
  if (found.length === 0) return [`${dir} has no shared object`];
  await Promise.all(found.map(noteObject));
  return [];
}

async function checkAbsent(pattern: string): Promise<string[]> {
  return (await find(pattern)).map((path) => `${path} must not be in an image`);
}

async function checkLink([path, target]: [string, string]): Promise<string[]> {
  const found = await readlink(path).catch(() => 'no link');
  return found === target ? [] : [`${path} must be a link to ${target}, and is ${found}`];
}

async function checkUser({ name, uid, home, shell, makeHome }: CheckPlan['users'][number]): Promise<string[]> {
  const fields = (await readLines('/etc/passwd')).map((line) => line.split(':')).find((line) => line[0] === name);
  const wanted = [uid, uid, home, shell].join(' ');
  const found = [fields?.[2], fields?.[3], fields?.[5], fields?.[6]].join(' ');
  if (found !== wanted) return [`user ${name} must have ${wanted}, and has ${found}`];
  if (!makeHome) return [];
  const { uid: owner, mode } = await stat(home);
  return owner === uid && (mode & 0o777) === 0o700 ? [] : [`${home} must be 0700 and belong to ${name}`];
}

/** GStreamer lists the elements of all plugins that it could load: lines `plugin:  element: what it is`. */
async function checkElements(elements: readonly string[]): Promise<string[]> {
  if (elements.length === 0) return [];
  const listed = await runAsDesktop(['gst-inspect-1.0']).catch(() => '');
  const loaded = new Set([...listed.matchAll(/^\S+: +([^:\s]+): /gm)].map((line) => line[1]));
  return elements.filter((element) => !loaded.has(element)).map((element) => `GStreamer element ${element} does not load`);
}

/** Nothing in the desktop needs to become another user. */
async function checkIdChangers(): Promise<string[]> {
  const { stdout } = await exec('find', ['/', '-xdev', '-type', 'f', '-perm', '/6000']);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((path) => `${path} has a setuid or setgid bit`);
}

async function checkTimes(): Promise<string[]> {
  const { stdout } = await exec('find', ['/', '-xdev', '-fstype', 'overlay', '-newermt', `@${plan.epoch}`]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((path) => `${path} is newer than the lock's epoch`);
}

async function checkShadow(): Promise<string[]> {
  const today = String(Math.floor(plan.epoch / SECONDS_PER_DAY));
  const days = (await readLines('/etc/shadow')).map((line) => line.split(':')[2]);
  return days.every((day) => day === today)
    ? []
    : [`/etc/shadow: last change must be day ${today} in every line, and is ${days.join(', ')}`];
}

/** Scripts need no libraries. */
async function noteObject(path: string): Promise<void> {
  if (await isElf(path)) objects.add(await realpath(path));
}

/** Libraries that the loader does not find. In two halves, as ldd (a shell script) takes longer to start than to look. */
async function checkLibraries(paths: readonly string[]): Promise<string[]> {
  const half = Math.ceil(paths.length / 2);
  const told = await Promise.all([paths.slice(0, half), paths.slice(half)].map(readLibraries));
  return told.flat();
}

/** Of several files it tells `PATH:` and then a line for each library; of one it tells the lines alone. */
async function readLibraries(paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const stdout = await exec('ldd', [...paths]).then(
    (told) => told.stdout,
    // One that needs none makes it fail; of the others it tells all the same.
    (error: { stdout?: string }) => error.stdout ?? '',
  );
  let path = paths[0]!;
  return stdout.split('\n').flatMap((line) => {
    path = /^(\/.*):$/.exec(line)?.[1] ?? path;
    const library = /^\s*(\S+) => not found/.exec(line)?.[1];
    return library ? [`${path} does not find ${library}`] : [];
  });
}

async function isElf(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === '\x7fELF';
  } finally {
    await file.close();
  }
}

async function find(pattern: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of glob(pattern)) paths.push(path);
  return paths;
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function readLines(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n').filter(Boolean);
}

function toLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split('\n').slice(-3).join(' / ');
}
