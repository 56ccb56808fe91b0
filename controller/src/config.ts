import { isIP, isIPv4 } from 'node:net';
import { isAbsolute, join } from 'node:path';
import type { ErrorObject } from 'ajv';
import { createAjv } from '#contract/ajv';
import type { ClipboardPolicy } from '#contract/clipboard-policy';
import type { ControlPolicy } from '#contract/control-policy';
import { RESIZE_LIMITS } from '#contract/machine-config';
import type { EgressLimits } from './egress/control-protocol.ts';
import { Environment, FOREIGN_VARIABLES } from './environment.ts';
import { findIceProblems } from './ice/ice-urls.ts';
import type { DriverName } from './machines/driver.ts';
import { findProblem } from './machines/vm/kernel-line.ts';
import { nearest } from './nearest.ts';

/** In pixels. */
type Size = { width: number; height: number };

/** What the controller was told by its environment: checked once, typed, units in names. */
export interface Config {
  bind: string;
  port: number;
  publicUrl: string | undefined;
  publicAddresses: string[];
  /** Reverse proxies that are believed whose request they bring. */
  trustedProxies: string[];
  /** Servers that browsers are told of. `secretFile` is there when there is a TURN server. */
  ice: { stunUrls: string[]; turnUrls: string[]; secretFile: string | undefined; ttlSeconds: number };
  corsOrigins: string[];
  dataDir: string;
  imageDir: string;
  image: string;
  imageMaxAgeDays: number;
  runDir: string;
  instance: string;
  kernelDir: string;
  /** More words of a virtual machine's kernel line. */
  kernelArgs: string[];
  driver: 'auto' | DriverName;
  /** The container driver may serve others than this host. */
  allowWeakIsolation: boolean;
  /** Machines begin as copies of one that was booted, where the driver can. */
  snapshots: boolean;
  /** Which way a viewer's clipboard may go. */
  clipboard: ClipboardPolicy;
  /** Whose mouse and keyboard a desktop has, of viewers who may use it. */
  control: ControlPolicy;
  /** Whether desktops have sound that viewers may listen to. */
  audio: boolean;
  /** Whether pictures of desktops are taken by API. */
  screenshots: boolean;
  /** What viewers show over the desktop: `{user}` and `{session}` in it are the session's. */
  watermark: string | undefined;
  egress: {
    /** Straight out without. */
    upstreamsFile: string | undefined;
    probeUrl: string | undefined;
    probeEveryMs: number;
    cooldownMs: number;
    limits: EgressLimits;
  };
  limits: { memoryMib: number; cpus: number; pids: number };
  diskMib: number;
  display: Size;
  /** Between which sizes viewers choose; false: the desktop's stays as it was at boot. */
  resize: { least: Size; most: Size } | false;
  video: { bitrateKbps: number; framerate: number };
  maxSessions: number;
  /** When one more session fits: see sessions/admission.ts. */
  admission: { memoryShare: number; reserveMib: number; cpuPressureMost: number };
  /** Machines that are kept ready for sessions to come, and how long one waits at most. */
  warm: { size: number; maxAgeMs: number };
  startsPerMinute: number;
  /** Of one user of one owner, at a time. */
  maxSessionsPerUser: number;
  /** Wrong tokens that one address may send in a minute. */
  authFailuresPerMinute: number;
  timeoutMs: Record<'network' | 'machine' | 'boot' | 'desktop' | 'heartbeat' | 'session' | 'idle' | 'failedGrace' | 'viewerToken', number>;
  /** Of records; in days. */
  keepDays: { sessions: number; audit: number };
  /** What signing in gives, and to whom one can sign in. */
  credentials: { keyFile: string; keyCommand: readonly string[] | undefined; keepMs: number; once: boolean };
  providersFile: string | undefined;
  /** Who is told of transitions; `secretFile` is there when there are any. */
  webhooks: { urls: string[]; secretFile: string | undefined; giveUpMs: number };
  logLevel: string;
}

/** `problems` holds one sentence for each wrong variable. */
export class ConfigInvalid extends Error {
  override readonly name = 'ConfigInvalid';
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`the environment is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Compiles the schema once. */
const ajv = createAjv({ coerceTypes: true, useDefaults: true });

/** The config from an environment. An empty variable counts as missing. Throws ConfigInvalid with every problem. */
export function toConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([name, value]) => isOurs(name) && value)) as Record<string, unknown>;
  const validate = ajv.compile<Environment>(Environment);
  const problems = validate(given) ? toProblems(given) : (validate.errors ?? []).map(toSentence);
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return fromEnvironment(given as Environment);
}

/** True for an address that only programs on this host can reach. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

function isOurs(name: string): boolean {
  return name.startsWith('ORIEL_') && !FOREIGN_VARIABLES.test(name);
}

/** Rules that a schema cannot say. */
function toProblems(env: Environment): string[] {
  const problems: string[] = [];
  for (const problem of toWords(env.ORIEL_KERNEL_ARGS).flatMap(findProblem)) problems.push(`ORIEL_KERNEL_ARGS: ${problem}`);
  problems.push(...findDisplayProblems(env));
  for (const address of toList(env.ORIEL_PUBLIC_ADDRESSES)) {
    if (!isIPv4(address)) problems.push(`ORIEL_PUBLIC_ADDRESSES: ${JSON.stringify(address)} is no IPv4 address`);
  }
  for (const network of toList(env.ORIEL_TRUSTED_PROXIES)) {
    if (!isNetwork(network)) problems.push(`ORIEL_TRUSTED_PROXIES: ${JSON.stringify(network)} is not like 127.0.0.1 or 10.0.0.0/8`);
  }
  for (const name of ['ORIEL_PUBLIC_URL', 'ORIEL_CORS_ORIGINS'] as const) {
    for (const origin of toList(env[name]))
      if (!isOrigin(origin)) problems.push(`${name}: ${JSON.stringify(origin)} is not like https://host.example`);
  }
  if (env.ORIEL_WARM > env.ORIEL_MAX_SESSIONS)
    problems.push(`ORIEL_WARM: ${env.ORIEL_WARM} machines are more than ORIEL_MAX_SESSIONS (${env.ORIEL_MAX_SESSIONS}) lets run`);
  const probed = env.ORIEL_EGRESS_PROBE_URL;
  if (probed && !URL.canParse(probed)) problems.push('ORIEL_EGRESS_PROBE_URL: it is not like https://echo.example/ip');
  const [stunUrls, turnUrls] = [toList(env.ORIEL_STUN_URLS), toList(env.ORIEL_TURN_URLS)];
  problems.push(...findIceProblems({ stunUrls, turnUrls, secretFile: env.ORIEL_TURN_SECRET_FILE }));
  problems.push(...findWebhookProblems(env), ...findKeyProblems(env));
  return problems;
}

function findDisplayProblems(env: Environment): string[] {
  const { least, most } = RESIZE_LIMITS;
  const names = ['ORIEL_DISPLAY', 'ORIEL_DISPLAY_LEAST', 'ORIEL_DISPLAY_MOST'] as const;
  const [smallest, largest] = [toDisplay(env.ORIEL_DISPLAY_LEAST), toDisplay(env.ORIEL_DISPLAY_MOST)];
  const problems = names
    .filter((name) => !fits(toDisplay(env[name]), least, most))
    .map((name) => `${name}: from ${toText(least)} to ${toText(most)}`);
  if (!fits(smallest, smallest, largest)) problems.push(`ORIEL_DISPLAY_LEAST: it is larger than ORIEL_DISPLAY_MOST (${toText(largest)})`);
  for (const name of names.slice(1)) if (/[13579](x|$)/.test(env[name])) problems.push(`${name}: both numbers are to be even, as video is`);
  return problems;
}

function fits({ width, height }: Size, least: Size, most: Size): boolean {
  return width >= least.width && width <= most.width && height >= least.height && height <= most.height;
}

const toText = ({ width, height }: Size) => `${width}x${height}`;

/** An address may have a token in it: which one is wrong is told by its place. */
function findWebhookProblems({ ORIEL_WEBHOOK_URL: urls, ORIEL_WEBHOOK_SECRET_FILE: file }: Environment): string[] {
  const problems = toList(urls).flatMap((url, index) =>
    /^https?:$/.test(URL.parse(url)?.protocol ?? '')
      ? []
      : [`ORIEL_WEBHOOK_URL: number ${index + 1} is not like https://host.example/path`],
  );
  if (urls && !file) problems.push('ORIEL_WEBHOOK_SECRET_FILE: it is needed with ORIEL_WEBHOOK_URL: openssl rand -base64 32 makes a key');
  if (file && !urls) problems.push('ORIEL_WEBHOOK_URL: it is needed with ORIEL_WEBHOOK_SECRET_FILE');
  if (new Set(toList(urls)).size < toList(urls).length) problems.push('ORIEL_WEBHOOK_URL: one is there twice');
  return problems;
}

function findKeyProblems({ ORIEL_CREDENTIALS_KEY_COMMAND: command, ORIEL_CREDENTIALS_KEY_FILE: file }: Environment): string[] {
  if (!command) return [];
  const words = toArgv(command);
  const isOne = words && words.length > 0 && isAbsolute(words[0]!);
  return [
    ...(isOne ? [] : ['ORIEL_CREDENTIALS_KEY_COMMAND: it is not a JSON list of words like ["/usr/local/bin/oriel-keys"]']),
    ...(file ? ['ORIEL_CREDENTIALS_KEY_FILE: there is ORIEL_CREDENTIALS_KEY_COMMAND, too: master keys come from one of them'] : []),
  ];
}

/** Undefined for what is no list of words. */
function toArgv(json: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

function fromEnvironment(env: Environment): Config {
  return {
    bind: env.ORIEL_BIND,
    port: env.ORIEL_PORT,
    publicUrl: env.ORIEL_PUBLIC_URL?.replace(/\/$/, ''),
    publicAddresses: toList(env.ORIEL_PUBLIC_ADDRESSES),
    trustedProxies: toList(env.ORIEL_TRUSTED_PROXIES),
    ice: {
      stunUrls: toList(env.ORIEL_STUN_URLS),
      turnUrls: toList(env.ORIEL_TURN_URLS),
      secretFile: env.ORIEL_TURN_SECRET_FILE,
      ttlSeconds: env.ORIEL_TURN_TTL_SECONDS,
    },
    corsOrigins: toList(env.ORIEL_CORS_ORIGINS).map((origin) => new URL(origin).origin),
    dataDir: env.ORIEL_DATA_DIR,
    imageDir: env.ORIEL_IMAGE_DIR,
    image: env.ORIEL_IMAGE,
    imageMaxAgeDays: env.ORIEL_IMAGE_MAX_AGE_DAYS,
    runDir: env.ORIEL_RUN_DIR,
    instance: env.ORIEL_INSTANCE,
    kernelDir: env.ORIEL_KERNEL_DIR,
    kernelArgs: toWords(env.ORIEL_KERNEL_ARGS),
    driver: env.ORIEL_DRIVER as Config['driver'],
    allowWeakIsolation: env.ORIEL_ALLOW_WEAK_ISOLATION === '1',
    snapshots: env.ORIEL_SNAPSHOTS === '1',
    clipboard: env.ORIEL_CLIPBOARD as ClipboardPolicy,
    control: env.ORIEL_CONTROL as ControlPolicy,
    audio: env.ORIEL_AUDIO === 'on',
    screenshots: env.ORIEL_SCREENSHOTS === '1',
    watermark: env.ORIEL_WATERMARK,
    egress: {
      upstreamsFile: env.ORIEL_EGRESS_UPSTREAMS_FILE,
      probeUrl: env.ORIEL_EGRESS_PROBE_URL,
      probeEveryMs: env.ORIEL_EGRESS_PROBE_SECONDS * 1000,
      cooldownMs: env.ORIEL_EGRESS_COOLDOWN_SECONDS * 1000,
      limits: {
        connections: env.ORIEL_EGRESS_CONNECTIONS,
        connectionsPerSecond: env.ORIEL_EGRESS_CONNECTIONS_PER_SECOND,
        ...(env.ORIEL_EGRESS_MIB > 0 && { bytes: env.ORIEL_EGRESS_MIB * 2 ** 20 }),
      },
    },
    limits: { memoryMib: env.ORIEL_MEMORY_MIB, cpus: env.ORIEL_CPUS, pids: env.ORIEL_PIDS },
    diskMib: env.ORIEL_DISK_MIB,
    display: toDisplay(env.ORIEL_DISPLAY),
    resize: env.ORIEL_DISPLAY_RESIZE === '1' && { least: toDisplay(env.ORIEL_DISPLAY_LEAST), most: toDisplay(env.ORIEL_DISPLAY_MOST) },
    video: { bitrateKbps: env.ORIEL_BITRATE_KBPS, framerate: env.ORIEL_FRAMERATE },
    maxSessions: env.ORIEL_MAX_SESSIONS,
    admission: {
      memoryShare: env.ORIEL_MEMORY_SHARE,
      reserveMib: env.ORIEL_RESERVE_MIB,
      cpuPressureMost: env.ORIEL_CPU_PRESSURE_MOST,
    },
    warm: { size: env.ORIEL_WARM, maxAgeMs: env.ORIEL_WARM_MAX_MINUTES * 60_000 },
    startsPerMinute: env.ORIEL_STARTS_PER_MINUTE,
    maxSessionsPerUser: env.ORIEL_MAX_SESSIONS_PER_USER,
    authFailuresPerMinute: env.ORIEL_AUTH_FAILURES_PER_MINUTE,
    timeoutMs: {
      network: env.ORIEL_NETWORK_TIMEOUT_SECONDS * 1000,
      machine: env.ORIEL_MACHINE_TIMEOUT_SECONDS * 1000,
      boot: env.ORIEL_BOOT_TIMEOUT_SECONDS * 1000,
      desktop: env.ORIEL_DESKTOP_TIMEOUT_SECONDS * 1000,
      heartbeat: env.ORIEL_HEARTBEAT_TIMEOUT_SECONDS * 1000,
      session: env.ORIEL_SESSION_MAX_MINUTES * 60_000,
      idle: env.ORIEL_IDLE_TIMEOUT_MINUTES * 60_000,
      viewerToken: env.ORIEL_VIEWER_TOKEN_SECONDS * 1000,
      failedGrace: env.ORIEL_FAILED_GRACE_SECONDS * 1000,
    },
    webhooks: {
      urls: toList(env.ORIEL_WEBHOOK_URL),
      secretFile: env.ORIEL_WEBHOOK_SECRET_FILE,
      giveUpMs: env.ORIEL_WEBHOOK_GIVE_UP_HOURS * 3_600_000,
    },
    credentials: {
      keyFile: env.ORIEL_CREDENTIALS_KEY_FILE ?? join(env.ORIEL_DATA_DIR, 'credentials.keys'),
      keyCommand: env.ORIEL_CREDENTIALS_KEY_COMMAND === undefined ? undefined : toArgv(env.ORIEL_CREDENTIALS_KEY_COMMAND),
      keepMs: env.ORIEL_CREDENTIALS_KEEP_HOURS * 3_600_000,
      once: env.ORIEL_CREDENTIALS_ONCE === '1',
    },
    providersFile: env.ORIEL_PROVIDERS_FILE,
    keepDays: { sessions: env.ORIEL_KEEP_DAYS, audit: env.ORIEL_AUDIT_KEEP_DAYS },
    logLevel: env.ORIEL_LOG_LEVEL,
  };
}

function toDisplay(value: string): Size {
  const [width, height] = value.split('x').map(Number);
  return { width: width!, height: height! };
}

function toWords(value: string | undefined): string[] {
  return (value ?? '').split(/\s+/).filter(Boolean);
}

/** Words of a variable that has several, with commas between them. */
export function toList(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

/** All addresses are no network: who trusts everybody is told anything. */
function isNetwork(value: string): boolean {
  const [address = '', bits, ...rest] = value.split('/');
  const most = { 4: 32, 6: 128 }[isIP(address)];
  return most !== undefined && rest.length === 0 && (bits === undefined || (/^[1-9]\d*$/.test(bits) && Number(bits) <= most));
}

function isOrigin(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash && !url.username;
}

/** Names the variable and the rule, never the value: an upstream's password must not reach a log. */
function toSentence(error: ErrorObject): string {
  if (error.keyword === 'additionalProperties') {
    const name = String(error.params.additionalProperty);
    return `${name}: there is no such variable; did you mean ${nearest(name, Object.keys(Environment.properties))}?`;
  }
  const allowed = error.keyword === 'enum' ? `: ${error.params.allowedValues.join(', ')}` : '';
  return `${error.instancePath.slice(1)}: ${error.message}${allowed}`;
}
