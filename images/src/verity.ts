import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { runInside } from './enter-root.ts';
import { CommandFailed } from './errors.ts';

/** The hash tree behind a root's last block, in the same file. */
export interface Verity {
  algorithm: 'sha256';
  /** Of data and of hashes alike. */
  blockBytes: number;
  /** Blocks of the root itself; the tree's superblock is the next. */
  dataBlocks: number;
  /** First block of the tree, counted from the file's beginning. */
  hashStartBlock: number;
  /** Hex. */
  salt: string;
  uuid: string;
  /** Hex. */
  rootHash: string;
  /** Words for the kernel line: the root is /dev/dm-0 over the first disk, and a block that is not what it was ends the machine. */
  kernelArgs: string;
}

/** All that decides the tree's bytes, but the root. */
export interface VerityPlan {
  salt: string;
  uuid: string;
}

const BLOCK_BYTES = 4096;
const SECTOR_BYTES = 512;
const DIGEST_BYTES = 32;

/** The salt need not be secret nor differ: it keeps a tree of one image from being one of another. */
export function planVerity(uuid: string): VerityPlan {
  return { uuid, salt: createHash('sha256').update(`oriel verity ${uuid}`).digest('hex') };
}

/** Appends the tree to the root in `path` (a whole number of blocks), with the builder root's veritysetup. */
export async function appendVerity(plan: VerityPlan, builderRoot: string, cache: string, dir: string, file: string): Promise<Verity> {
  const bytes = await sizeOf(`${dir}/${file}`);
  const argv = [
    'veritysetup',
    'format',
    `--salt=${plan.salt}`,
    `--uuid=${plan.uuid}`,
    `--data-block-size=${BLOCK_BYTES}`,
    `--hash-block-size=${BLOCK_BYTES}`,
    `--data-blocks=${bytes / BLOCK_BYTES}`,
    `--hash-offset=${bytes}`,
    `/out/${file}`,
    `/out/${file}`,
  ];
  const told = await runInside(cache, builderRoot, argv, { binds: [{ from: dir, to: '/out', writable: true }] });
  const rootHash = /^Root hash:\s+([0-9a-f]{64})$/m.exec(told)?.[1];
  if (!rootHash) throw new CommandFailed(`veritysetup named no root hash:\n${told}`);
  return toVerity(plan, bytes, rootHash);
}

export function toVerity({ salt, uuid }: VerityPlan, bytes: number, rootHash: string): Verity {
  const dataBlocks = bytes / BLOCK_BYTES;
  const hashStartBlock = dataBlocks + 1;
  const sectors = bytes / SECTOR_BYTES;
  const table = `0 ${sectors} verity 1 /dev/vda /dev/vda ${BLOCK_BYTES} ${BLOCK_BYTES} ${dataBlocks} ${hashStartBlock} sha256 ${rootHash} ${salt} 1 panic_on_corruption`;
  return {
    algorithm: 'sha256',
    blockBytes: BLOCK_BYTES,
    dataBlocks,
    hashStartBlock,
    salt,
    uuid,
    rootHash,
    kernelArgs: `dm-mod.create="root,,,ro,${table}" root=/dev/dm-0 rootfstype=erofs ro`,
  };
}

/** What is wrong with the root in `path` or its tree, by hashing all of it; empty when nothing is. */
export async function verifyVerity(path: string, { dataBlocks, hashStartBlock, salt, rootHash }: Verity): Promise<string[]> {
  const { rootHash: found, tree } = await hashBlocks(path, dataBlocks, salt);
  if (found !== rootHash) return [`${path}: its blocks have the verity root hash ${found}, the manifest has ${rootHash}`];
  await using file = await open(path, 'r');
  const stored = Buffer.alloc(tree.length);
  await file.read(stored, 0, stored.length, hashStartBlock * BLOCK_BYTES);
  return stored.equals(tree) ? [] : [`${path}: the verity tree behind its last block is damaged`];
}

/** The root hash of a file's first blocks, and the tree as it is on disk behind its superblock. */
export async function hashBlocks(path: string, dataBlocks: number, salt: string): Promise<{ rootHash: string; tree: Buffer }> {
  const seed = Buffer.from(salt, 'hex');
  const levels = await toLevels(path, dataBlocks, seed);
  // On disk the top level comes first.
  return { rootHash: toDigest(levels.at(-1)!, seed).toString('hex'), tree: Buffer.concat(levels.toReversed()) };
}

/** The tree's levels, each a whole number of blocks, that of the data first. */
async function toLevels(path: string, dataBlocks: number, salt: Buffer): Promise<Buffer[]> {
  const digests: Buffer[] = [];
  await using file = await open(path, 'r');
  const chunk = Buffer.alloc(BLOCK_BYTES * 256);
  for (let block = 0; block < dataBlocks; block += 256) {
    const blocks = Math.min(256, dataBlocks - block);
    await file.read(chunk, 0, blocks * BLOCK_BYTES, block * BLOCK_BYTES);
    for (let index = 0; index < blocks; index++)
      digests.push(toDigest(chunk.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES), salt));
  }
  const levels = [padded(Buffer.concat(digests))];
  while (levels.at(-1)!.length > BLOCK_BYTES) levels.push(padded(toDigests(levels.at(-1)!, salt)));
  return levels;
}

function toDigests(blocks: Buffer, salt: Buffer): Buffer {
  const count = blocks.length / BLOCK_BYTES;
  const digests = Buffer.alloc(count * DIGEST_BYTES);
  for (let index = 0; index < count; index++)
    toDigest(blocks.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES), salt).copy(digests, index * DIGEST_BYTES);
  return digests;
}

function toDigest(block: Buffer, salt: Buffer): Buffer {
  return createHash('sha256').update(salt).update(block).digest();
}

function padded(digests: Buffer): Buffer {
  return Buffer.concat([digests], Math.ceil(digests.length / BLOCK_BYTES) * BLOCK_BYTES);
}

async function sizeOf(path: string): Promise<number> {
  await using file = await open(path, 'r');
  return (await file.stat()).size;
}
