import { Type, type Static } from '#contract/schema';

/** Sizes that a desktop takes where its config says nothing else, in pixels. */
export const RESIZE_LIMITS = { least: { width: 320, height: 240 }, most: { width: 3840, height: 2160 } } as const;

const { least, most } = RESIZE_LIMITS;
const width = Type.Integer({ minimum: least.width, maximum: most.width });
const height = Type.Integer({ minimum: least.height, maximum: most.height });
const Size = Type.Object({ width, height }, { additionalProperties: false });

/**
 * Everything that a machine is told at boot: one JSON object, base64url, as `oriel.config=…` on the kernel line (VM) or in
 * PID 1's argv (container). Every program in the guest can read it, so the only secret in it is `token`, which is good once.
 */
export const MachineConfig = Type.Object(
  {
    protocol: Type.Integer({ minimum: 1 }),
    /** Machine id: `m-` and 12 lower-case base32 characters. Also seeds /etc/machine-id. */
    machineId: Type.String({ pattern: '^m-[a-z2-7]{12}$' }),
    hostname: Type.String({ pattern: '^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$' }),
    /** One-time token: swapped at `POST /guest/hello` for the agent's secret. 256 bits, base64url. */
    token: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    display: Type.Object(
      {
        /** Desktop size at boot, in pixels. */
        width,
        height,
        /** Between which sizes viewers may choose; false: it stays as it is. Left out where they are RESIZE_LIMITS. */
        resize: Type.Optional(Type.Union([Type.Literal(false), Type.Object({ least: Size, most: Size }, { additionalProperties: false })])),
      },
      { additionalProperties: false },
    ),
    media: Type.Object(
      {
        /** UDP ports of this machine, the same number inside and outside (NAT 1:1). Both ends belong to the range. */
        portMin: Type.Integer({ minimum: 1024, maximum: 65535 }),
        portMax: Type.Integer({ minimum: 1024, maximum: 65535 }),
        /** Video target bit rate, kbit/s. */
        bitrateKbps: Type.Integer({ minimum: 100, maximum: 50000 }),
        /** Most frames a second that are captured. */
        framerate: Type.Integer({ minimum: 1, maximum: 60 }),
      },
      { additionalProperties: false },
    ),
    /** The desktop has a sound server, and viewers may listen. Left out where not: an image of an older release refuses what it does not know. */
    audio: Type.Optional(Type.Literal(true)),
  },
  { additionalProperties: false },
);
export type MachineConfig = Static<typeof MachineConfig>;

/** The word's name on the kernel line. The dot keeps the kernel from handing it to init as an argument. */
export const CONFIG_WORD = 'oriel.config';

/** In its place: the machine boots until X is there, and learns at `POST /guest/wake` who it is. Its value is `WIDTHxHEIGHT`, pixels. */
export const GATE_WORD = 'oriel.gate';

/**
 * Most bytes of the whole word `oriel.config=…`. Firecracker takes 2,048 bytes of kernel line in all; verity's words, the
 * VMM's own and ours need about 800 of them.
 */
export const CONFIG_WORD_MAX_BYTES = 1200;
