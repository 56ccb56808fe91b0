import { resolve } from 'node:path';
import { $ } from 'zx';
import { toPaths } from '../../images/src/paths.ts';
import { toBuildWords } from '../settings/image.ts';
import { findEntry } from '../settings/settings.ts';
import type { Verbs } from './verbs.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

/** What the image's steps run. just is npm's: whoever deploys may have none. */
export const IMAGE_VERBS: Verbs = {
  build: {
    words: ['SETTINGS', 'NAME'],
    async act(file, name) {
      const words = toBuildWords(findEntry(file!, 'image', name!));
      const { stdout } = await $({ cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'inherit'] })`npx --yes rust-just build-image ${words}`;
      return stdout;
    },
  },
  keep: { words: [], act: () => Promise.resolve(`images go to ${toPaths(process.env).images}`) },
  leave: {
    words: [],
    act: () => Promise.resolve(`Data is left: ${toPaths(process.env).images} and ${toPaths(process.env).kernels} (images and kernels)`),
  },
};
