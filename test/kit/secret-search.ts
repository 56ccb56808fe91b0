import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** What must be nowhere but where it is meant to be. A key of bytes is one that is no text. */
export interface Secret {
  name: string;
  value: string | Buffer;
}

/** Bytes that are looked through, and how they are called. */
export interface Place {
  name: string;
  bytes: Buffer;
}

export interface Found {
  secret: string;
  form: string;
  place: string;
}

/** Shorter ones would be found by chance. */
const LEAST_BYTES = 12;
const FILE_MOST = 256 * 1024 * 1024;

/** All forms in which a secret may be written down, by their names. */
export function toForms(value: string | Buffer): Map<string, Buffer> {
  const bytes = Buffer.from(value);
  if (bytes.length < LEAST_BYTES) throw new Error(`a secret of ${bytes.length} bytes cannot be searched for`);
  const hex = bytes.toString('hex');
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text).equals(bytes);
  const forms: [string, string | Buffer][] = [
    ['plain', bytes],
    ['hex', hex],
    ['upper hex', hex.toUpperCase()],
    ['every byte URL-encoded', hex.toUpperCase().replace(/../g, '%$&')],
    ...[0, 1, 2].flatMap((shift): [string, string][] => [
      [`base64 at ${shift}`, toInnerBase64(bytes, shift, 'base64')],
      [`base64url at ${shift}`, toInnerBase64(bytes, shift, 'base64url')],
    ]),
    ...(isText ? toTextForms(text) : [['a list of bytes', [...bytes].join(',')] as [string, string]]),
  ];
  // Forms that are the same are one.
  const distinct = new Map(forms.map(([name, form]) => [Buffer.from(form).toString('latin1'), name]));
  return new Map([...distinct].map(([form, name]) => [name, Buffer.from(form, 'latin1')]));
}

function toTextForms(text: string): [string, string][] {
  return [
    ['JSON-escaped', JSON.stringify(text).slice(1, -1)],
    ['URL-encoded', encodeURIComponent(text)],
    ['JSON-escaped in full', [...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
    ['UTF-16', Buffer.from(text, 'utf16le').toString('latin1')],
  ];
}

/** As it stands in the base64 of something longer: which characters depends on where it begins, and the outermost also on its neighbours. */
function toInnerBase64(bytes: Buffer, shift: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString(encoding)
    .replaceAll('=', '');
  const whole = Math.floor(((shift + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((shift * 8) / 6), whole);
}

/** Each form of each secret in each place. */
export function searchPlaces(places: Iterable<Place>, secrets: readonly Secret[]): Found[] {
  const forms = secrets.flatMap(({ name, value }) => [...toForms(value)].map(([form, bytes]) => ({ secret: name, form, bytes })));
  const found: Found[] = [];
  for (const place of places)
    for (const { secret, form, bytes } of forms) if (place.bytes.includes(bytes)) found.push({ secret, form, place: place.name });
  return found;
}

/** Command lines and environments of all processes that there are. */
export function* readProcesses(): Generator<Place> {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    for (const file of ['cmdline', 'environ']) yield* readPlace(`/proc/${pid}/${file}`, `${file} of ${pid} ${readName(pid)}`);
}

/**
 * Every file below a directory, on the same file system. Nothing is followed, and nothing that waits (pipes, sockets, devices) is read.
 * `name`: how it is called.
 */
export function* readFiles(root: string, name = root, device = readDevice(root)): Generator<Place> {
  for (const entry of list(root)) {
    const [path, label] = [join(root, entry.name), join(name, entry.name)];
    if (entry.isDirectory() && readDevice(path) === device) yield* readFiles(path, label, device);
    else if (entry.isFile()) yield* readPlace(path, label);
  }
}

/** Of what has gone meanwhile there is nothing to read. */
function* readPlace(path: string, name: string): Generator<Place> {
  try {
    yield { name, bytes: path.startsWith('/proc/') && !path.includes('/root/') ? readFileSync(path) : readWhole(path) };
  } catch (error) {
    if (!['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function readWhole(path: string): Buffer {
  const { size } = lstatSync(path);
  if (size > FILE_MOST) throw new Error(`${path}: ${size} bytes are too many to look through`);
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readSync(file, bytes, 0, size, 0));
  } finally {
    closeSync(file);
  }
}

/** Undefined for what has gone. */
function readDevice(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.dev;
}

function list(root: string) {
  try {
    return readdirSync(root, { withFileTypes: true });
  } catch {
    return [];
  }
}

function readName(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
