import { join } from 'node:path';
import { IN_OWN_NAMESPACE } from '../namespace.ts';

/** What one of two builds sees of its host. Nothing of it may change a byte of the image. */
export interface Variation {
  name: 'first' | 'second';
  /** The checkout, below the scratch folder. */
  tree: string;
  timeZone: string;
  locale: string;
  umask: string;
  /** Owner of the checkout's files, a user id. */
  owner: number;
  /** Days by which the clock is wrong. */
  clockDays: number;
  /** Whether the build may use one processor alone. */
  oneProcessor: boolean;
}

export const VARIATIONS: readonly [Variation, Variation] = [
  {
    name: 'first',
    tree: 'a/tree',
    timeZone: 'UTC',
    locale: 'C.UTF-8',
    umask: '022',
    owner: 0,
    clockDays: 0,
    oneProcessor: false,
  },
  {
    name: 'second',
    tree: 'b/another place/of a longer name/oriel',
    timeZone: 'Pacific/Kiritimati',
    locale: 'tr_TR.UTF-8',
    umask: '077',
    owner: 12_345,
    clockDays: 401,
    oneProcessor: true,
  },
];

/** Where one build has everything of its own. Only the .debs are shared. */
export interface Place {
  tree: string;
  home: string;
  cache: string;
  images: string;
  kernels: string;
}

export function toPlace(scratch: string, { name, tree }: Variation): Place {
  const own = join(scratch, name);
  return {
    tree: join(scratch, tree),
    home: join(own, 'home'),
    cache: join(own, 'cache'),
    images: join(own, 'images'),
    kernels: join(own, 'kernels'),
  };
}

/** libfaketime, as Debian's package of that name has it. */
export const CLOCK_LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

/** Variables that change the clock of the programs that load the library. Times of files and of waiting stay true. */
export function toClockEnv({ clockDays }: Variation): Record<string, string> {
  if (clockDays === 0) return {};
  return {
    // By way of the first process of the namespace: the same file for programs in a root that is being made.
    LD_PRELOAD: `/proc/1/root${CLOCK_LIBRARY}`,
    FAKETIME: `+${clockDays}d`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
}

/** Variables of this process that a build keeps: how to reach the mirror, and another lock. */
const KEPT = /^(https?_proxy|no_proxy|ORIEL_DEBIAN_.*|ORIEL_LOCK_DIR)$/i;

/** All that the build gets as its environment. */
export function toEnv(variation: Variation, { home, cache, images, kernels }: Place, host: NodeJS.ProcessEnv): Record<string, string> {
  return {
    ...(Object.fromEntries(Object.entries(host).filter(([name]) => KEPT.test(name))) as Record<string, string>),
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: home,
    TZ: variation.timeZone,
    LC_ALL: variation.locale,
    ORIEL_CACHE_DIR: cache,
    ORIEL_IMAGE_DIR: images,
    ORIEL_KERNEL_DIR: kernels,
  };
}

/** A command under a variation, in namespaces of its own. It ends with this process. */
export function toCommand(variation: Variation, argv: readonly string[]): string[] {
  const clock = Object.entries(toClockEnv(variation)).map(([name, value]) => `${name}=${value}`);
  const processors = variation.oneProcessor ? ['taskset', '--cpu-list', '0'] : [];
  const dying = ['setpriv', '--pdeathsig', 'KILL', '--'];
  return [
    ...dying,
    ...IN_OWN_NAMESPACE,
    '--',
    ...processors,
    join(import.meta.dirname, 'vary.sh'),
    variation.umask,
    ...clock,
    '--',
    ...argv,
  ];
}
