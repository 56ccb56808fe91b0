import type { Layer } from '../layer.ts';

/** What a person expects in a terminal. */
export const tools: Layer = {
  name: 'tools',
  packages: [
    { name: 'apt', why: 'look for and fetch packages' },
    { name: 'curl', why: 'fetch' },
    { name: 'git', why: 'sign-in tools work in repositories' },
    { name: 'less', why: 'pager of git and of people' },
    { name: 'nano', why: 'an editor that needs no manual' },
    { name: 'unzip', why: 'downloads come as zip' },
    { name: 'xz-utils', why: 'downloads come as tar.xz' },
  ],
};
