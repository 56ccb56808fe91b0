/** A Debian package and the reason why it is here. */
export interface Package {
  name: string;
  why: string;
}

/** A package that others pull in and nothing here uses: purged by dpkg, so that the image's own package list stays true. */
export interface Removal {
  name: string;
  why: string;
}

/** A path that is deleted after packages are in: for what a package brings and nothing here uses. */
export interface Deletion {
  path: string;
  why: string;
}

/** A folder of which only some files stay: for collections of which few are used. */
export interface Selection {
  folder: string;
  /** Names in it. */
  keep: readonly string[];
  why: string;
}

/**
 * One part of the root filesystem. Files of `images/golden/rootfs/<name>/` are copied over `/` as they are: owner root,
 * 755 when git says executable and 644 otherwise.
 */
export interface Layer {
  name: string;
  packages: readonly Package[];
  /** Purged in this order. */
  remove?: readonly Removal[];
  delete?: readonly Deletion[];
  select?: readonly Selection[];
}

/** A user with a fixed id; its group has the same name and id. */
export interface User {
  name: string;
  uid: number;
  comment: string;
  home: string;
  shell: string;
  /** Whether the home is made (0700, its own). */
  makeHome: boolean;
}

/** What the golden root filesystem is made of, and the tools that make it. */
export interface Image {
  suite: string;
  architecture: string;
  layers: readonly Layer[];
  /** Packages of the builder root, whose own tools compile and pack: the host's versions never change a byte. */
  builder: readonly Package[];
  /** Packages of the root in which the guest kernel is compiled; `source` is the one that has its sources. */
  kernel: { source: string; packages: readonly Package[] };
  users: readonly User[];
  /** Links made last, path → target: files that are written at boot, under /run. */
  links: Readonly<Record<string, string>>;
  /** Documentation and translations that dpkg leaves out. */
  pathExcludes: readonly string[];
  /** Paths that are kept although an exclusion covers them. */
  pathIncludes: readonly string[];
  /** File system UUID: fixed, or no two builds would have the same bytes. */
  uuid: string;
}
