import { totalmem } from 'node:os';
import { CLIPBOARD_POLICIES } from '#contract/clipboard-policy';
import { CONTROL_POLICIES } from '#contract/control-policy';
import { Type, type Static, type TProperties } from '#contract/schema';
import { INSTANCE_PATTERN, MAX_SLOTS } from './net/slot.ts';

const text = (fallback: string, description: string) => Type.String({ minLength: 1, default: fallback, description });
const optional = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));
const whole = (fallback: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: fallback, minimum, maximum, description });
const seconds = (fallback: number, description: string) => Type.Number({ default: fallback, minimum: 0.05, maximum: 86_400, description });

const pixels = (fallback: string, description: string) =>
  Type.String({ default: fallback, pattern: '^[0-9]{3,4}x[0-9]{3,4}$', description });

/** Every variable of the controller's environment: the one schema of this door. Lists are separated by commas. */
const VARIABLES = {
  ORIEL_BIND: text('127.0.0.1', 'Address that the API and the pages are served at.'),
  ORIEL_PORT: whole(7080, 0, 65_535, 'Port of the same.'),
  ORIEL_PUBLIC_URL: optional(
    'Where users reach the controller, e.g. https://desktops.example.org; the address it listens at when missing.',
  ),
  ORIEL_PUBLIC_ADDRESSES: optional('IPv4 addresses at which users reach the media ports of this host, list.'),
  ORIEL_TRUSTED_PROXIES: optional(
    'Addresses or networks of reverse proxies, list: what they say in X-Forwarded-For is who asks; nobody is believed when missing.',
  ),
  ORIEL_STUN_URLS: optional('STUN servers that browsers are to ask, like stun:stun.example.org, list; none is asked when missing.'),
  ORIEL_TURN_URLS: optional(
    'TURN servers for browsers that cannot reach the media ports, like turn:turn.example.org:3478?transport=udp, list (docs/stacks.md).',
  ),
  ORIEL_TURN_SECRET_FILE: optional(
    'File with the secret that those servers share with the controller (coturn: use-auth-secret), the newest in the first line; read again when it changes.',
  ),
  ORIEL_TURN_TTL_SECONDS: whole(3600, 60, 86_400, 'A viewer’s TURN credential is good for so long; each new connection gets another.'),
  ORIEL_CORS_ORIGINS: optional('Origins of other pages that may call the API and embed the desktop page, list.'),
  ORIEL_DATA_DIR: text('/var/lib/oriel', 'Database, keys and the machines’ own directories.'),
  ORIEL_IMAGE_DIR: text('/var/lib/oriel/images', 'Golden images.'),
  ORIEL_IMAGE: text('latest', 'Image that new machines boot: a name in the image directory, or a sha256.'),
  ORIEL_KERNEL_DIR: text('/var/lib/oriel/kernels', 'Guest kernels; the latest is booted.'),
  ORIEL_KERNEL_ARGS: optional('More words on the kernel line of virtual machines, list with spaces.'),
  ORIEL_IMAGE_MAX_AGE_DAYS: whole(30, 1, 3650, 'Days without security updates after which an image is called old.'),
  ORIEL_RUN_DIR: text('/run/oriel', 'Mounts and control sockets.'),
  ORIEL_INSTANCE: Type.String({
    default: 'oriel',
    pattern: INSTANCE_PATTERN.source,
    description: 'Prefix of namespaces, interfaces and firewall table, 8 characters at most.',
  }),
  ORIEL_DRIVER: Type.String({
    default: 'auto',
    enum: ['auto', 'container', 'qemu', 'firecracker'],
    description: 'What machines are made with; auto is the strongest that works at full speed.',
  }),
  ORIEL_ALLOW_WEAK_ISOLATION: Type.String({
    default: '0',
    enum: ['0', '1'],
    description: '1 lets the container driver, which shares the host’s kernel, serve others than this host.',
  }),
  ORIEL_SNAPSHOTS: Type.String({
    default: '0',
    enum: ['0', '1'],
    description: '1 boots a virtual machine once and begins the others as copies of it, taken before anything in it has a secret.',
  }),
  ORIEL_CLIPBOARD: Type.String({
    default: 'both',
    enum: [...CLIPBOARD_POLICIES],
    description: 'Which way a viewer’s clipboard goes: in is from the page to the desktop, out from the desktop to the page.',
  }),
  ORIEL_CONTROL: Type.String({
    default: 'shared',
    enum: [...CONTROL_POLICIES],
    description:
      'Whose mouse and keyboard a desktop has, of viewers who may use it: everybody’s, or one’s at a time, who gives it to who asks. With one there is no VNC.',
  }),
  ORIEL_AUDIO: Type.String({
    default: 'off',
    enum: ['off', 'on'],
    description: 'on: desktops have sound, which a viewer may listen to; off: they have none.',
  }),
  ORIEL_SCREENSHOTS: Type.String({
    default: '1',
    enum: ['0', '1'],
    description: '0 refuses screenshots by API.',
  }),
  ORIEL_WATERMARK: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: '^\\P{Cc}+$',
      description: 'Text that viewers show over the desktop, again and again; {user} and {session} in it are the session’s.',
    }),
  ),
  ORIEL_EGRESS_UPSTREAMS_FILE: optional(
    'File with the proxies that desktops leave through, one for each user (docs/egress.md); straight out when missing.',
  ),
  ORIEL_EGRESS_PROBE_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'What each way out is tried with; an answer that is an address is the one that users are seen to come from.',
    }),
  ),
  ORIEL_EGRESS_PROBE_SECONDS: seconds(30, 'Between two tries of a way out.'),
  ORIEL_EGRESS_COOLDOWN_SECONDS: Type.Number({
    default: 300,
    minimum: 0,
    maximum: 604_800,
    description: 'So long after its last session a user keeps an upstream, and nobody else gets it.',
  }),
  ORIEL_EGRESS_CONNECTIONS: whole(1024, 1, 65_535, 'Connections out of one desktop at one time.'),
  ORIEL_EGRESS_CONNECTIONS_PER_SECOND: whole(100, 1, 100_000, 'New ones of one desktop in a second; three times as many at once.'),
  ORIEL_EGRESS_MIB: whole(0, 0, 1_073_741_824, 'What one session may send and receive, MiB, both together; 0: without end.'),
  ORIEL_MEMORY_MIB: whole(2048, 256, 1_048_576, 'Memory of one machine, MiB.'),
  ORIEL_CPUS: Type.Number({ default: 2, minimum: 0.1, maximum: 256, description: 'Processors of one machine.' }),
  ORIEL_PIDS: whole(2048, 128, 1_048_576, 'Most processes and threads in one machine.'),
  ORIEL_DISK_MIB: whole(4096, 256, 1_048_576, 'Most that one virtual machine can write, MiB; on the host it takes what is written.'),
  ORIEL_DISPLAY: pixels('1280x720', 'Desktop size at boot, pixels.'),
  ORIEL_DISPLAY_RESIZE: Type.String({
    default: '1',
    enum: ['0', '1'],
    description: '1: the desktop takes the size in which its viewer shows it; 0: it keeps the one that it had at boot.',
  }),
  ORIEL_DISPLAY_LEAST: pixels('320x240', 'Least size that a viewer can give to the desktop, pixels, even numbers.'),
  ORIEL_DISPLAY_MOST: pixels('3840x2160', 'The largest one.'),
  ORIEL_BITRATE_KBPS: whole(4000, 100, 50_000, 'Video target bit rate, kbit/s.'),
  ORIEL_FRAMERATE: whole(60, 1, 60, 'Most frames a second that are captured.'),
  ORIEL_MAX_SESSIONS: whole(toMaxSessions(), 1, MAX_SLOTS, 'Sessions at one time; by default one for each GiB of the host’s memory.'),
  ORIEL_MEMORY_SHARE: Type.Number({
    default: 0.5,
    minimum: 0.01,
    maximum: 1,
    description: 'Share of its memory that a machine is counted with when another is admitted; 1 promises none twice.',
  }),
  ORIEL_RESERVE_MIB: whole(512, 0, 1_048_576, 'Memory of the host that no session is admitted into, MiB.'),
  ORIEL_CPU_PRESSURE_MOST: whole(
    95,
    1,
    100,
    'Percent of the last minute that programs waited for processors, above which no session starts; 100 never asks.',
  ),
  ORIEL_WARM: whole(
    0,
    0,
    MAX_SLOTS,
    'Machines that are booted ahead and kept ready; each holds memory and a slot. At most ORIEL_MAX_SESSIONS.',
  ),
  ORIEL_WARM_MAX_MINUTES: Type.Number({
    default: 60,
    minimum: 0.05,
    maximum: 10_080,
    description: 'A machine that nobody has claimed for so long is replaced by a new one.',
  }),
  ORIEL_STARTS_PER_MINUTE: whole(60, 1, 100_000, 'Starts that one user may ask for in a minute.'),
  ORIEL_MAX_SESSIONS_PER_USER: whole(10, 1, MAX_SLOTS, 'Sessions that one user of one owner may have at a time.'),
  ORIEL_AUTH_FAILURES_PER_MINUTE: whole(60, 1, 1_000_000, 'Wrong tokens that one address may send in a minute before it is told to wait.'),
  ORIEL_VIEWER_TOKEN_SECONDS: whole(
    900,
    10,
    86_400,
    'A viewer’s token is good for so long; its page renews it. By default as long as a session lives without a page.',
  ),
  ORIEL_NETWORK_TIMEOUT_SECONDS: seconds(10, 'Limit of the phase `network`.'),
  ORIEL_MACHINE_TIMEOUT_SECONDS: seconds(10, 'Limit of the phase `machine`.'),
  ORIEL_BOOT_TIMEOUT_SECONDS: seconds(60, 'Limit of the phase `boot`.'),
  ORIEL_DESKTOP_TIMEOUT_SECONDS: seconds(60, 'Limit of the phase `desktop`.'),
  ORIEL_SESSION_MAX_MINUTES: Type.Number({ default: 480, minimum: 0.01, maximum: 20_160, description: 'A session ends after this.' }),
  ORIEL_HEARTBEAT_TIMEOUT_SECONDS: seconds(900, 'A session of which no page was open for so long ends.'),
  ORIEL_PROVIDERS_FILE: optional('More providers to sign in to: a JSON list; see docs/sign-in.md.'),
  ORIEL_CREDENTIALS_KEY_FILE: optional(
    'Master keys of credentials, the newest first: a name and 32 bytes in base64 a line; credentials.keys in the data directory when missing.',
  ),
  ORIEL_CREDENTIALS_KEY_COMMAND: optional(
    'Instead of that file: a command whose standard output is what the file would hold, as a JSON list of its words, e.g. ["/usr/local/bin/oriel-keys"].',
  ),
  ORIEL_CREDENTIALS_KEEP_HOURS: Type.Number({
    default: 24,
    minimum: 0.01,
    maximum: 87_600,
    description: 'For so long what a sign-in gave can be read, or given back to a later session.',
  }),
  ORIEL_CREDENTIALS_ONCE: Type.String({
    default: '0',
    enum: ['0', '1'],
    description: '1 removes what a sign-in gave when it has been read, or given back, once.',
  }),
  ORIEL_WEBHOOK_URL: optional('Where each transition of each session is posted to, list; signed as Standard Webhooks are.'),
  ORIEL_WEBHOOK_SECRET_FILE: optional('File with the key of the signature: whsec_ and base64; a second line while keys are being changed.'),
  ORIEL_WEBHOOK_GIVE_UP_HOURS: Type.Number({
    default: 24,
    minimum: 0.01,
    maximum: 720,
    description: 'For so long a webhook is tried to be told of an event.',
  }),
  ORIEL_IDLE_TIMEOUT_MINUTES: Type.Number({
    default: 0,
    minimum: 0,
    maximum: 20_160,
    description: 'A session that no viewer gave any input for so long ends, watched or not; 0: it does not.',
  }),
  ORIEL_FAILED_GRACE_SECONDS: Type.Number({
    default: 0,
    minimum: 0,
    maximum: 86_400,
    description: 'The machine of a session that failed is left for so long, in its slot, to be looked at; DELETE removes it at once.',
  }),
  ORIEL_KEEP_DAYS: whole(30, 1, 36_500, 'Days for which sessions that are over are kept: record, phases, transitions, console.'),
  ORIEL_AUDIT_KEEP_DAYS: whole(365, 1, 36_500, 'Days for which the audit is kept.'),
  ORIEL_LOG_LEVEL: Type.String({
    default: 'info',
    enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    description: 'Least that is logged.',
  }),
} satisfies TProperties;

/** Variables of the same prefix that other parts of Oriel read: the image's builder, the tests, the benches. */
export const FOREIGN_VARIABLES =
  /^ORIEL_(CACHE_DIR|LOCK_DIR|RELEASE_DIR|SIGNING_KEY|CHROMIUM|SCREENSHOT|LIVE_SECONDS|LONG|(DEBIAN|TEST|BENCH)_.+)$/;

export const Environment = Type.Object(VARIABLES, { additionalProperties: false });
export type Environment = Static<typeof Environment>;

/** A desktop with a browser in it uses about half of its 2 GiB. */
function toMaxSessions(): number {
  return Math.min(MAX_SLOTS, Math.max(1, Math.floor(totalmem() / 2 ** 30)));
}
