import { fetchRelease, publishRelease } from '../store/publish.ts';
import { toStore } from '../store/store.ts';
import { findEntry } from '../settings/settings.ts';
import type { Verbs } from './verbs.ts';

/** What the image store's steps run; and `fetch`, by hand: the release of this id into a folder of releases. */
export const IMAGE_STORE_VERBS: Verbs = {
  publish: {
    words: ['SETTINGS', 'NAME'],
    async act(file, name) {
      const { release, store } = findEntry(file!, 'imageStore', name!);
      const { id, sent, known } = await publishRelease(release, await toStore(store, process.env));
      return `${id}: ${sent === 0 && known === 0 ? 'is there already' : `${sent} files went over, ${known} were there`}`;
    },
  },
  fetch: {
    words: ['SETTINGS', 'NAME', 'ID', 'FOLDER'],
    async act(file, name, id, folder) {
      const { store } = findEntry(file!, 'imageStore', name!);
      return fetchRelease(id!, folder!, await toStore(store, process.env));
    },
  },
  open: { words: ['PLACE'], act: (place) => Promise.resolve(`releases go to ${place}`) },
  leave: {
    words: ['PLACE'],
    act: (place) => Promise.resolve(`Data is left: ${place} (releases: hosts may be made of them); remove it there when nobody needs it`),
  },
};
