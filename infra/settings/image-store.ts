import { Type, type Static } from 'typebox';
import { path, Secret, Ssh, strict, text } from './schemas.ts';
import { findReleaseProblems, findSecretProblems, findSshProblems, secretFromFolder, type Section, sshFromFolder } from './section.ts';

const FOLDER = '^/[A-Za-z0-9._/-]+$';

const Store = Type.Union([
  Type.Object({ directory: path('Folder on the machine that deploys; a share, say.') }, strict),
  Type.Object({ ssh: Ssh, folder: Type.String({ pattern: FOLDER, description: 'Folder on that machine.' }) }, strict),
  Type.Object(
    {
      s3: Type.Object(
        {
          endpoint: Type.String({ pattern: "^https?://[^\\s'$/]+$", description: 'Of whoever speaks S3, without a path.' }),
          region: Type.Optional(Type.String({ pattern: '^[a-z0-9-]+$', description: 'us-east-1 when left out.' })),
          bucket: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' }),
          prefix: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._/-]*$', description: 'In front of each key.' })),
          accessKeyId: Secret,
          secretAccessKey: Secret,
        },
        strict,
      ),
    },
    strict,
  ),
]);
export type StoreSettings = Static<typeof Store>;
export type S3Settings = Extract<StoreSettings, { s3: unknown }>['s3'];

export const ImageStore = Type.Object({ release: text('Folder of a release (just release).'), store: Store }, strict);
export type ImageStoreSettings = Static<typeof ImageStore>;

/** Where releases are published to, by their hashes, for hosts and people to fetch. */
export const imageStore: Section<ImageStoreSettings> = {
  schema: ImageStore,
  fromFolder: (entry, at) => ({ release: at(entry.release), store: storeFromFolder(entry.store, at) }),
  findProblems({ release, store }) {
    return [
      ...findReleaseProblems(release),
      ...('ssh' in store ? findSshProblems(store.ssh).map((problem) => `store.${problem}`) : []),
      ...('s3' in store
        ? (['accessKeyId', 'secretAccessKey'] as const).flatMap((name) => findSecretProblems(`store.s3.${name}`, store.s3[name]))
        : []),
    ];
  },
};

function storeFromFolder(store: StoreSettings, at: (path: string) => string): StoreSettings {
  if ('directory' in store) return { directory: at(store.directory) };
  if ('ssh' in store) return { ...store, ssh: sshFromFolder(store.ssh, at) };
  const { accessKeyId, secretAccessKey } = store.s3;
  return { s3: { ...store.s3, accessKeyId: secretFromFolder(accessKeyId, at), secretAccessKey: secretFromFolder(secretAccessKey, at) } };
}
