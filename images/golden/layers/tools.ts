import type { Layer } from '../layer.ts';

const SERVERS = ['git-daemon', 'git-http-backend', 'git-http-push', 'git-imap-send'];

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
  delete: ['git-shell', 'scalar', 'lib/git-core/scalar', 'lib/git-core/git-shell', ...SERVERS.map((name) => `lib/git-core/${name}`)].map(
    (name) => ({
      path: name.startsWith('lib/') ? `/usr/${name}` : `/usr/bin/${name}`,
      why: 'serves repositories, or mails patches, 2.4 MB each; the desktop only fetches and pushes',
    }),
  ),
};
