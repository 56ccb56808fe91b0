import { Type, type Static } from 'typebox';
import { strict } from './schemas.ts';
import type { Section } from './section.ts';

export const Image = Type.Object(
  {
    variant: Type.Optional(Type.Enum(['lz4hc'], { description: 'Packed smaller and slower.' })),
    tools: Type.Optional(Type.Boolean({ description: 'With the tools that one signs in to, which may not be handed on.' })),
  },
  strict,
);
export type ImageSettings = Static<typeof Image>;

/** The golden image and the guest kernel, built on the machine that deploys. */
export const image: Section<ImageSettings> = { schema: Image, fromFolder: (entry) => entry, findProblems: () => [] };

/** Words of `just build-image`. */
export function toBuildWords({ variant, tools }: ImageSettings): string[] {
  return [...(variant ? ['--variant', variant] : []), ...(tools ? ['--tools'] : [])];
}
